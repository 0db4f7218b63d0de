import type * as re2js from 're2js';

/** Above this a backtracking engine could take quadratic time over a text that somebody else wrote. */
const NATIVE_LENGTH = 512;

const native = new Map<string, RegExp>();
const linear = new Map<string, re2js.RE2JS>();

/** Whether a text contains a match of an RE2 pattern of the pinned CRDs, in time linear in the text. */
export function matchesPattern(text: string, pattern: string): boolean {
  return text.length <= NATIVE_LENGTH ? nativePattern(pattern).test(text) : linearPattern(pattern).matcher(text).find();
}

function nativePattern(pattern: string): RegExp {
  let compiled = native.get(pattern);
  if (compiled === undefined) {
    const insensitive = pattern.includes('(?i)');
    compiled = new RegExp(pattern.replace('(?i)', ''), insensitive ? 'i' : '');
    native.set(pattern, compiled);
  }
  return compiled;
}

function linearPattern(pattern: string): re2js.RE2JS {
  let compiled = linear.get(pattern);
  if (compiled === undefined) {
    // Loaded with the first long text only: RE2 in JavaScript is bigger than everything else here.
    compiled = (require('re2js') as typeof re2js).RE2JS.compile(pattern);
    linear.set(pattern, compiled);
  }
  return compiled;
}
