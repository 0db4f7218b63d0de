import { key } from '../../model/attachment';
import type { StringMatch } from '../../model/match';

export interface Cors {
  readonly origins: readonly StringMatch[];
  readonly methods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAge?: number;
  readonly credentials?: boolean;
  readonly forwardUnmatchedPreflights: boolean;
}

export const cors = key<Cors>('cors');
