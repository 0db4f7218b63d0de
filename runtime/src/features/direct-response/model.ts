import { key } from '../../model/attachment';

export interface DirectResponse {
  readonly status: number;
  readonly body?: string | Uint8Array;
}

export const directResponse = key<DirectResponse>('directResponse');
