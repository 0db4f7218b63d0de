import { decode, toJson } from '../../src/envoy';
import type { Configuration } from '../../src/model/configuration';
import { TYPE_URLS } from '../../src/model/configuration';

/** Protobuf JSON: the tests look at it field by field. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

/** The resources of one type as protobuf JSON, by name. */
export function resourcesOf(configuration: Configuration, kind: keyof typeof TYPE_URLS): Map<string, Json> {
  const url = TYPE_URLS[kind] as `type.googleapis.com/${string}`;
  return new Map([...(configuration.get(url) ?? [])].map(([name, { bytes }]) => [name, toJson(url, decode(url, bytes))]));
}
