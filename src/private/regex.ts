import { MeshError } from '../mesh-error';

const LONGEST = 1024;
const META = /[\\.+*?()|[\]{}^$]/;

/** Envoy's regex engine, loaded with the first regex so that programs without one do not pay for it. */
function engine(): typeof import('re2js').RE2JS {
  return (require('re2js') as typeof import('re2js')).RE2JS;
}

const accepted = new Set<string>();

/** Why Envoy would refuse a regex, if it would: it runs RE2, which knows no lookahead, lookbehind or backreference. */
export function regexProblem(regex: string): string | undefined {
  if (accepted.has(regex)) {
    return undefined;
  }
  if (regex === '' || regex.length > LONGEST) {
    return regex === '' ? 'a regular expression is empty' : `a regular expression has ${regex.length} characters, Istio takes ${LONGEST}: "${regex.slice(0, 40)}…"`;
  }
  try {
    engine().compile(regex);
    accepted.add(regex);
    return undefined;
  } catch (error) {
    return `"${regex}" is not an RE2 regular expression: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Refuses what Envoy would refuse. */
export function checkRegex(regex: string): void {
  const problem = regexProblem(regex);
  if (problem !== undefined) {
    throw new MeshError({
      code: 'invalid-regex',
      problem,
      fix: 'Envoy knows no lookahead, lookbehind and backreferences: write it without them, or use exact, prefix or several matches',
    });
  }
}

/** Whether the whole text matches, which is how Istio and Envoy use a regex. */
export function fullMatch(regex: string, text: string): boolean {
  return engine().matches(regex, text);
}

/** The literal text every match begins with: `/api/v` for `/api/v[0-9]+/x`. Empty when nothing is sure. */
export function literalHead(regex: string): string {
  if (regex.includes('|') || regex.startsWith('(?')) {
    return '';
  }
  const body = regex.startsWith('^') ? regex.slice(1) : regex;
  const end = body.search(META);
  if (end === -1) {
    return body;
  }
  // A quantifier makes the character before it optional.
  return '*?{'.includes(body[end]) ? body.slice(0, Math.max(0, end - 1)) : body.slice(0, end);
}

/** Text as a regex that matches exactly this text. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
