import { key } from '../../model/attachment';

export interface Fault {
  readonly delay?: { readonly percent: number; readonly duration: number };
  readonly abort?: { readonly percent: number } & ({ readonly httpStatus: number } | { readonly grpcStatus: number });
}

export const fault = key<Fault>('fault');
