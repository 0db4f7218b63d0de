import { RE2JS } from 're2js';
import type { RegexMatcher, StringMatcher } from '../envoy';
import { modelled, NotModelled } from './modelled';

/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/string.proto */
export function matchesText(match: StringMatcher, given: string): boolean {
  const { exact, prefix, suffix, contains, safeRegex, ignoreCase } = modelled(match, 'StringMatcher', {
    decides: ['exact', 'prefix', 'suffix', 'contains', 'safeRegex', 'ignoreCase'],
  });
  if (safeRegex !== undefined) {
    return matchesRegex(safeRegex, given);
  }
  const fold = (text: string): string => (ignoreCase ? text.toLowerCase() : text);
  const value = fold(given);
  if (exact !== undefined) {
    return value === fold(exact);
  }
  if (prefix !== undefined) {
    return value.startsWith(fold(prefix));
  }
  if (suffix !== undefined) {
    return value.endsWith(fold(suffix));
  }
  if (contains !== undefined) {
    return value.includes(fold(contains));
  }
  throw new NotModelled('StringMatcher', 'it says nothing');
}

/** Envoy's regular expressions are RE2's and match the whole text. */
export function matchesRegex({ regex = '' }: RegexMatcher, text: string): boolean {
  return RE2JS.matches(regex, text);
}
