import { key } from '../../model/attachment';

export type HeaderValues = readonly (readonly [name: string, value: string])[];

export interface HeaderOperations {
  readonly set: HeaderValues;
  readonly add: HeaderValues;
  readonly remove: readonly string[];
}

export interface Headers {
  readonly request: HeaderOperations;
  readonly response: HeaderOperations;
  /** `host` or `:authority` among the request headers: not a header to Envoy but a rewrite. */
  readonly authority?: string;
}

export const headers = key<Headers>('headers');
