import { RE2JS } from 're2js';
import type { StringMatch } from '../model/match';
import type { Place } from '../model/place';

/** Envoy refuses whole listeners and route tables for one bad pattern, so none reaches it unchecked. */
export function readPattern(regex: string, place: Place): string | undefined {
  try {
    RE2JS.compile(regex);
    return regex;
  } catch (error) {
    place.problem(`'${regex}' is not a regular expression in RE2 syntax (${(error as Error).message}): lookaheads and backreferences do not exist there`);
    return undefined;
  }
}

/** `exact`, `prefix` or `regex`; the regex `*` and an empty match mean "any value", as in Istio. Undefined where it cannot be read. */
export function readStringMatch(
  spec: { readonly exact?: string; readonly prefix?: string; readonly regex?: string },
  place: Place,
): StringMatch | undefined {
  if (spec?.exact !== undefined) {
    return { kind: 'exact', value: spec.exact };
  }
  // Envoy has no empty prefixes and patterns.
  if (spec?.prefix) {
    return { kind: 'prefix', value: spec.prefix };
  }
  if (spec?.regex === undefined || spec.regex === '*') {
    return { kind: 'present' };
  }
  if (spec.regex === '') {
    return { kind: 'exact', value: '' };
  }
  const pattern = readPattern(spec.regex, place.at('regex'));
  return pattern === undefined ? undefined : { kind: 'regex', value: pattern };
}

/** A regular expression for this very text. */
export function quotePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
