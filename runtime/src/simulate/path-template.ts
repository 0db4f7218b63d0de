import { RE2JS } from 're2js';

/** Letters of a segment; https://datatracker.ietf.org/doc/html/rfc3986#appendix-A without `*`, as in Envoy (source/extensions/path/uri_template_lib). */
const LETTERS = String.raw`[a-zA-Z0-9\-._~%!$&'()+,;:@=]`;
const OPERATORS: Readonly<Record<string, string>> = { '*': `${LETTERS}+`, '**': `(?:${LETTERS}|/)*` };

/** `*` is one segment that is not empty, `**` any number of segments. */
export function matchesTemplate(template: string, path: string): boolean {
  const segments = template.split('/').map((segment) => OPERATORS[segment] ?? RE2JS.quote(segment));
  return RE2JS.matches(segments.join('/'), path);
}
