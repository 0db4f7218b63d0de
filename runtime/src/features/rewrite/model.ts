import { key } from '../../model/attachment';

export interface Rewrite {
  /** Replaces the matched prefix, or the whole path of an exact match. */
  readonly uri?: string;
  readonly uriRegex?: { readonly match: string; readonly rewrite: string };
  readonly authority?: string;
}

export const rewrite = key<Rewrite>('rewrite');
