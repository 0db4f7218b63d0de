import { key } from '../../model/attachment';

export type RedirectCode = 301 | 302 | 303 | 307 | 308;

export interface Redirect {
  readonly code: RedirectCode;
  readonly uri?: string;
  readonly prefix?: string;
  readonly authority?: string;
  readonly scheme?: string;
  /** `request`: the port that the request came in on; undefined: the default of the scheme. */
  readonly port?: number | 'request';
}

export const redirect = key<Redirect>('redirect');
