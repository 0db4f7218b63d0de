import { key } from '../../model/attachment';
import type { Destination } from '../../model/route';

export interface Mirror {
  readonly destination: Destination;
  readonly percent: number;
}

export const mirrors = key<readonly Mirror[]>('mirrors');
