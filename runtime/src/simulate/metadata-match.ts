import type { MetadataMatcher, ValueMatcher } from '../envoy';
import { isRecord } from '../model/parsed-value';
import { modelled, NotModelled } from './modelled';
import { matchesText } from './text-match';

/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/metadata.proto */
export function matchesMetadata(matcher: MetadataMatcher, metadata: Readonly<Record<string, unknown>> = {}): boolean {
  const { filter = '', path = [], value, invert = false } = modelled(matcher, 'MetadataMatcher', { decides: ['filter', 'path', 'value', 'invert'] });
  if (!value) {
    throw new NotModelled('MetadataMatcher', 'it says nothing');
  }
  const keys = [filter, ...path.map(({ key = '' }) => key)];
  return matchesValue(value, keys.reduce<unknown>((from, key) => (isRecord(from) && Object.hasOwn(from, key) ? from[key] : undefined), metadata)) !== invert;
}

function matchesValue(matcher: ValueMatcher, value: unknown): boolean {
  const { stringMatch, listMatch, orMatch } = modelled(matcher, 'ValueMatcher', { decides: ['stringMatch', 'listMatch', 'orMatch'] });
  if (orMatch) {
    return (orMatch.valueMatchers ?? []).some((one) => matchesValue(one, value));
  }
  if (listMatch) {
    const { oneOf = {} } = listMatch;
    return Array.isArray(value) && value.some((item) => matchesValue(oneOf, item));
  }
  if (!stringMatch) {
    throw new NotModelled('ValueMatcher', 'it says nothing');
  }
  return typeof value === 'string' && matchesText(stringMatch, value);
}
