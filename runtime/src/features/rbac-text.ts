import type { HeaderMatcher, StringMatcher, ValueMatcher } from '../envoy';
import { quotePattern } from './pattern';

/**
 * `exact`, `prefix*`, `*suffix` and `*`, which stands for any text that is not empty. Envoy has no empty prefixes and suffixes, so `*` is looked
 * at first, as in Istio (pilot/pkg/security/authz/matcher/string.go).
 *
 * @param before what all texts begin with, which policies do not say
 */
export function emitText(value: string, before = ''): StringMatcher {
  if (value === '*') {
    return { safeRegex: { regex: '.+' } };
  }
  if (value.startsWith('*')) {
    const suffix = value.slice(1);
    return before === '' ? { suffix } : { safeRegex: { regex: `${before}.*${quotePattern(suffix)}` } };
  }
  return value.endsWith('*') ? { prefix: `${before}${value.slice(0, -1)}` } : { exact: `${before}${value}` };
}

export function emitHeader(name: string, value: string, options: { readonly ignoreCase?: boolean } = {}): HeaderMatcher {
  return value === '*' ? { name, presentMatch: true } : { name, stringMatch: { ...emitText(value), ...options } };
}

/** One of several texts, somewhere in the metadata that filters leave behind. */
export function emitValues(values: readonly string[]): ValueMatcher {
  const matchers = values.map((value): ValueMatcher => ({ stringMatch: emitText(value) }));
  return matchers.length === 1 ? matchers[0] : { orMatch: { valueMatchers: matchers } };
}
