import fc from 'fast-check';
import type { VirtualServiceSpecHttp, VirtualServiceSpecHttpMatch } from '../../../imports/istio/virtual-service.types';
import type { Call } from '../../src/simulate';
import { Simulation } from '../../src/simulate';
import { Compiler } from '../../src/compile';
import { EMPTY, compile, edit, proxy, rules, service } from './fixtures';

const path = fc.constantFrom('/', '/a', '/a/b', '/b', '/A');
const value = fc.constantFrom('x', 'xy', 'y');
const text = <T extends string>(of: fc.Arbitrary<T>) => fc.oneof(
  of.map((exact) => ({ exact })),
  of.map((prefix) => ({ prefix })),
  of.map((regex) => ({ regex: `${regex}.?` })),
);
const match: fc.Arbitrary<VirtualServiceSpecHttpMatch> = fc.record({
  uri: text(path),
  ignoreUriCase: fc.boolean(),
  headers: fc.dictionary(fc.constantFrom('h', 'i'), fc.oneof(text(value), fc.constant({})), { maxKeys: 1 }),
  withoutHeaders: fc.dictionary(fc.constantFrom('j', 'k'), fc.oneof(text(value), fc.constant({})), { maxKeys: 1 }),
  queryParams: fc.dictionary(fc.constantFrom('q'), text(value), { maxKeys: 1 }),
  sourceLabels: fc.constantFrom({ app: 'client' }, { app: 'other' }),
  port: fc.constantFrom(8000, 8001),
}, { requiredKeys: [] });
const rule = fc.record({ match: fc.array(match, { maxLength: 2 }) });
const request = fc.record({
  path,
  query: fc.option(value),
  headers: fc.dictionary(fc.constantFrom('h', 'i', 'j', 'k'), value, { maxKeys: 2 }),
});
type Request = { path: string; query: string | null; headers: Record<string, string> };

const holds = (spec: { exact?: string; prefix?: string; regex?: string }, actual: string | undefined, fold = (one: string) => one): boolean => {
  if (actual === undefined) {
    return false;
  }
  if (spec.exact !== undefined) {
    return fold(actual) === fold(spec.exact);
  }
  if (spec.prefix !== undefined) {
    return fold(actual).startsWith(fold(spec.prefix));
  }
  return spec.regex === undefined || new RegExp(`^(?:${spec.regex})$`).test(actual);
};

/** What the reference of VirtualService says, word by word. */
function matches(spec: VirtualServiceSpecHttpMatch, { path: uri, query, headers }: Request): boolean {
  const fold = (one: string) => (spec.ignoreUriCase ? one.toLowerCase() : one);
  return (spec.port ?? 8000) === 8000
    && (spec.sourceLabels?.app ?? 'client') === 'client'
    && (!spec.uri || holds(spec.uri, uri, spec.uri.regex === undefined ? fold : undefined))
    && Object.entries(spec.headers ?? {}).every(([name, one]) => holds(one, headers[name]))
    && Object.entries(spec.withoutHeaders ?? {}).every(([name, one]) => !holds(one, headers[name] ?? (Object.keys(one).length > 0 ? '' : undefined)))
    && Object.entries(spec.queryParams ?? {}).every(([, one]) => holds(one, query ?? undefined));
}

test('the first rule that holds answers, whatever the rules', () => {
  fc.assert(fc.property(fc.array(rule, { maxLength: 4 }), request, (specs, { path: uri, query, headers }) => {
    const http: VirtualServiceSpecHttp[] = specs.map((spec, i) => ({ ...spec, name: `r${i}`, route: [{ destination: { host: 'web' } }] }));
    const snapshot = edit(EMPTY, { put: [service('web', '10.96.0.1'), rules('web', http)] });
    const call: Call = {
      at: 'outbound', address: '10.96.0.1', port: 8000, protocol: 'http', tls: 'plaintext', authority: 'web', path: query === null ? uri : `${uri}?q=${query}`,
      headers: Object.fromEntries(Object.entries(headers).map(([name, one]) => [name, [one]])),
    };
    const first = specs.findIndex((spec) => spec.match.length === 0 || spec.match.some((one) => matches(one, { path: uri, query, headers })));
    const known = specs.some((spec) => spec.match.length === 0 || spec.match.some((one) => (one.port ?? 8000) === 8000 && (one.sourceLabels?.app ?? 'client') === 'client'));
    // Without any rule for this caller, the service is there as if it had none.
    expect(new Simulation(compile(snapshot)).run(call).route).toBe(first >= 0 ? `r${first}` : known ? undefined : 'default');
  }), { numRuns: 300 });
});

test('what is told to be never used never answers', () => {
  fc.assert(fc.property(fc.array(rule, { maxLength: 4 }), request, (specs, asked) => {
    const http: VirtualServiceSpecHttp[] = specs.map((spec) => ({ ...spec, directResponse: { status: 200 } }));
    const { problems } = new Compiler().compile(edit(EMPTY, { put: [service('web', '10.96.0.1'), rules('web', http)] }), proxy('client'));
    const unused = new Set(problems.filter(({ message }) => message.startsWith('is never used')).map(({ path: place }) => place));
    const first = specs.findIndex((spec) => spec.match.length === 0 || spec.match.some((one) => matches(one, asked)));
    const j = first < 0 ? -1 : specs[first].match.findIndex((one) => matches(one, asked));
    expect([`spec.http[${first}]`, `spec.http[${first}].match[${j}]`].filter((place) => unused.has(place))).toEqual([]);
  }), { numRuns: 500 });
});
