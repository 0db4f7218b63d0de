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

const compiled = new Map<string, RE2JS>();
const MOST_COMPILED = 10_000;

/** Envoy's regular expressions are RE2's and match the whole text. */
export function matchesRegex({ regex = '' }: RegexMatcher, text: string): boolean {
  let pattern = compiled.get(regex);
  if (!pattern) {
    pattern = RE2JS.compile(regex);
    if (compiled.size >= MOST_COMPILED) {
      compiled.clear();
    }
    compiled.set(regex, pattern);
  }
  return pattern.matches(text);
}
