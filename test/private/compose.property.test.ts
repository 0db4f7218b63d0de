import { Chart, Duration, Testing } from 'cdk8s';
import * as fc from 'fast-check';
import { Cookie, Gateway, Header, Mesh, MeshError, MeshService, Path, Query, type RequestMatch } from '../../src';
import type { VirtualServiceSpec, VirtualServiceSpecHttp } from '../../imports/istio/virtual-service.types';
import { routeOf, type SampleRequest } from './virtual-service-matcher';

/** A condition as data, judged here without the library. */
type Text = { readonly kind: 'exact' | 'prefix' | 'regex' | 'present' | 'absent'; readonly value: string };
interface Match {
  readonly path?: Text;
  readonly method?: string;
  readonly headers: Readonly<Record<string, Text>>;
  readonly query: Readonly<Record<string, Text>>;
  readonly cookie?: Text;
}
interface SampleRule {
  readonly matches: readonly Match[];
  readonly from: boolean;
  readonly version: 'v1' | 'v2';
  readonly timeout?: number;
}
interface SampleDecoration {
  readonly matches: readonly Match[];
  readonly from: boolean;
  readonly timeout?: number;
  readonly attempts?: number;
}

const PATHS = ['/', '/a', '/a/b', '/ab', '/b', '/b/c'];
const text = (values: readonly string[], regexes: readonly string[], kinds: readonly Text['kind'][]): fc.Arbitrary<Text> =>
  fc.constantFrom(...kinds).chain((kind) => fc.constantFrom(...(kind === 'regex' ? regexes : values)).map((value) => ({ kind, value })));
const pathText = text(PATHS, ['/a.*', '/[ab]', '/a/b', '/(a|b)/.*'], ['exact', 'prefix', 'prefix', 'regex']);
const valueText = text(['x', 'xy', 'y'], ['x.*', '[xy]'], ['exact', 'exact', 'prefix', 'regex', 'present', 'absent']);
const queryText = text(['x', 'y'], ['x.*', '[xy]'], ['exact', 'prefix', 'regex', 'present']);
const cookieText = text(['x', 'y'], ['[xy]'], ['exact', 'regex', 'present']);
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined, freq: 2 });
const match: fc.Arbitrary<Match> = fc.record({
  path: maybe(pathText),
  method: maybe(fc.constantFrom('GET', 'POST')),
  headers: fc.dictionary(fc.constantFrom('one', 'two'), valueText, { maxKeys: 2 }),
  query: fc.dictionary(fc.constantFrom('q'), queryText, { maxKeys: 1 }),
  cookie: maybe(cookieText),
});
const matches = fc.array(match, { minLength: 0, maxLength: 3 });
const rule: fc.Arbitrary<SampleRule> = fc.record({
  matches, from: fc.boolean(), version: fc.constantFrom('v1', 'v2'), timeout: maybe(fc.integer({ min: 1, max: 5 })),
});
const decoration: fc.Arbitrary<SampleDecoration> = fc.record({
  matches, from: fc.boolean(), timeout: maybe(fc.integer({ min: 11, max: 15 })), attempts: maybe(fc.integer({ min: 1, max: 5 })),
});
const request: fc.Arbitrary<SampleRequest> = fc.record({
  path: fc.constantFrom(...PATHS, '/a/b/c', '/abc', '/c'),
  method: fc.constantFrom('GET', 'POST'),
  headers: fc.record({ one: fc.constantFrom('x', 'xy', 'y'), two: fc.constantFrom('x', 'y'), cookie: fc.constantFrom('u=x', 'a=1; u=y', 'u=z', 'a=1') }, { requiredKeys: [] }),
  query: fc.record({ q: fc.constantFrom('x', 'y', 'xx') }, { requiredKeys: [] }),
  source: fc.constantFrom({ namespace: 'shop', labels: { app: 'web' } }, { namespace: 'shop', labels: { app: 'other' } }),
});

function holds({ kind, value }: Text, given: string | undefined): boolean {
  switch (kind) {
    case 'absent':
      return given === undefined;
    case 'present':
      return given !== undefined;
    case 'exact':
      return given === value;
    case 'prefix':
      return given !== undefined && given.startsWith(value);
    case 'regex':
      return given !== undefined && new RegExp(`^(?:${value})$`).test(given);
  }
}

function matchHolds(condition: Match, from: boolean, sample: SampleRequest): boolean {
  const cookie = sample.headers.cookie?.split('; ').find((part) => part.startsWith('u='))?.slice(2);
  return (condition.path === undefined || holds(condition.path, sample.path))
    && (condition.method === undefined || condition.method === sample.method)
    && Object.entries(condition.headers).every(([name, wanted]) => holds(wanted, sample.headers[name]))
    && Object.entries(condition.query).every(([name, wanted]) => holds(wanted, sample.query[name]))
    && (condition.cookie === undefined || holds(condition.cookie, cookie))
    && (!from || sample.source.labels.app === 'web');
}

/** The precedence that the documentation promises, written down once more: path, method, headers, query, caller, then how narrow the texts are. */
function rank(condition: Match, from: boolean): number[] {
  const narrow = ({ kind, value }: Text): number => {
    const plain = value.replace(/\.\*$/, '');
    const simple = kind === 'regex' && !/[[(|.]/.test(plain) ? (plain === value ? 'exact' : 'prefix') : kind;
    return { exact: 3e5, absent: 3e5, regex: 2e5 + value.length, prefix: 1e5 + plain.length, present: 0 }[simple];
  };
  const { path, method, headers, query, cookie } = condition;
  const anyPath = path === undefined || (path.kind === 'prefix' && path.value === '/');
  const texts = [...Object.values(headers), ...(cookie ? [cookie] : [])];
  const sum = (list: Text[]): number => list.reduce((total, one) => total + narrow(one), 0);
  return [anyPath ? 0 : narrow(path), method ? 1 : 0, texts.length, Object.keys(query).length, from ? 2 : 0, sum(texts), sum(Object.values(query))];
}

interface Candidate<T> {
  readonly rank: readonly number[];
  readonly of: T;
}

/** Everything that holds for a request, the most specific first, then as declared. */
function candidates<T extends { readonly matches: readonly Match[]; readonly from: boolean }>(all: readonly T[], sample: SampleRequest): T[] {
  const EVERY: Match = { headers: {}, query: {} };
  return all
    .flatMap((one): Candidate<T>[] => (one.matches.length === 0 ? [EVERY] : one.matches)
      .filter((condition) => matchHolds(condition, one.from, sample))
      .map((condition) => ({ rank: rank(condition, one.from), of: one })))
    .sort((a, b) => {
      const at = a.rank.findIndex((value, index) => value !== b.rank[index]);
      return at === -1 ? 0 : b.rank[at] - a.rank[at];
    })
    .map((candidate) => candidate.of);
}

interface Outcome {
  readonly version?: string;
  readonly timeout?: number;
  readonly attempts?: number;
}

/** What the rules say one by one: the first route that holds, and each option from the rule itself or else the first decoration that has it. */
function expected(rules: readonly SampleRule[], decorations: readonly SampleDecoration[], sample: SampleRequest): Outcome {
  const [route] = candidates(rules, sample);
  const options = candidates(decorations, sample);
  return {
    version: route?.version,
    timeout: route?.timeout ?? options.find(({ timeout }) => timeout !== undefined)?.timeout,
    attempts: options.find(({ attempts }) => attempts !== undefined)?.attempts,
  };
}

function observed(route: VirtualServiceSpecHttp | undefined): Outcome {
  return {
    version: route?.route?.[0].destination.subset,
    timeout: route?.timeout === undefined ? undefined : Number(route.timeout.replace('s', '')),
    attempts: route?.retries?.attempts,
  };
}

function asMatch(condition: Match): RequestMatch {
  const header = (name: string, { kind, value }: Text): Header => (kind === 'present' || kind === 'absent' ? Header[kind](name) : Header[kind](name, value));
  const query = (name: string, { kind, value }: Text): Query => (kind === 'present' || kind === 'absent' ? Query.present(name) : Query[kind](name, value));
  const { path, cookie } = condition;
  return {
    path: path && (path.kind === 'present' || path.kind === 'absent' ? undefined : Path[path.kind](path.value)),
    method: condition.method,
    headers: Object.entries(condition.headers).map(([name, wanted]) => header(name, wanted)),
    query: Object.entries(condition.query).map(([name, wanted]) => query(name, wanted)),
    cookies: cookie && [cookie.kind === 'present' || cookie.kind === 'absent' ? Cookie.present('u') : Cookie[cookie.kind]('u', cookie.value)],
  };
}

/** Adds what can be added: what the library refuses is tested elsewhere. */
function accepted<T>(all: readonly T[], add: (one: T) => void): T[] {
  return all.filter((one) => {
    try {
      add(one);
      return true;
    } catch (error) {
      if (error instanceof MeshError && (error.code === 'unreachable-rule' || error.code === 'inexpressible-match')) {
        return false;
      }
      throw error;
    }
  });
}

function world() {
  const chart = new Chart(Testing.app(), 'chart', { namespace: 'shop' });
  const mesh = new Mesh(chart, 'mesh');
  const web = new MeshService(mesh, 'web', { port: 80, versions: { v1: { image: 'web' } } });
  const service = new MeshService(mesh, 'service', { port: 80, versions: { v1: { image: 'one' }, v2: { image: 'two' } } });
  return { chart, mesh, web, service };
}

function declare({ service, web }: ReturnType<typeof world>, rules: readonly SampleRule[], decorations: readonly SampleDecoration[]) {
  const scope = (one: { matches: readonly Match[]; from: boolean }) => ({
    match: one.matches.length === 0 ? undefined : one.matches.map(asMatch), from: one.from ? [web] : undefined,
  });
  const kept = accepted(rules, (one) => service.route({ ...scope(one), to: one.version, timeout: one.timeout === undefined ? undefined : Duration.seconds(one.timeout) }));
  const options = accepted(decorations.filter(({ timeout, attempts }) => timeout !== undefined || attempts !== undefined), (one) => service.decorate({
    ...scope(one),
    timeout: one.timeout === undefined ? undefined : Duration.seconds(one.timeout),
    retries: one.attempts === undefined ? undefined : { attempts: one.attempts },
  }));
  return { kept, options };
}

const specOf = (object: { toJson(): unknown }): VirtualServiceSpec => (object.toJson() as { spec: VirtualServiceSpec }).spec;

describe('rules of a service, merged', () => {
  test('send each request where the rules one by one would', () => {
    fc.assert(fc.property(
      fc.array(rule, { maxLength: 5 }), fc.array(decoration, { maxLength: 3 }), fc.array(request, { minLength: 20, maxLength: 20 }),
      (rules, decorations, requests) => {
        const here = world();
        const { kept, options } = declare(here, rules, decorations);
        const spec = specOf(here.service.virtualService);
        for (const sample of requests) {
          expect(observed(routeOf(spec, sample))).toEqual(expected(kept, options, sample));
        }
      },
    ), { numRuns: 250 });
  });

  test('do not depend on the order of decorations that differ in rank', () => {
    fc.assert(fc.property(fc.array(rule, { maxLength: 4 }), fc.array(decoration, { maxLength: 3 }), fc.array(request, { minLength: 20, maxLength: 20 }),
      (rules, decorations, requests) => {
        const forward = world();
        const backward = world();
        const first = declare(forward, rules, decorations);
        const second = declare(backward, rules, [...decorations].reverse());
        const ranks = first.options.flatMap((one) => one.matches.map((condition) => JSON.stringify(rank(condition, one.from))));
        const all = decorations.filter(({ timeout, attempts }) => timeout !== undefined || attempts !== undefined);
        fc.pre([first, second].every(({ options }) => options.length === all.length));
        fc.pre(new Set(ranks).size === ranks.length && all.every(({ matches: list }) => list.length > 0));
        for (const sample of requests) {
          expect(observed(routeOf(specOf(forward.service.virtualService), sample))).toEqual(observed(routeOf(specOf(backward.service.virtualService), sample)));
        }
      }), { numRuns: 100 });
  });
});

describe('routes of a gateway, continued by the rules of the service', () => {
  const prefixes = fc.uniqueArray(fc.constantFrom('/shop', '/shop/x', '/a'), { minLength: 1, maxLength: 3 });
  const plain = fc.record({ matches: fc.array(fc.record({
    path: maybe(text(PATHS, ['/a'], ['exact', 'prefix'])), headers: fc.dictionary(fc.constantFrom('one', 'two'), valueText, { maxKeys: 2 }), query: fc.constant({}),
  }), { maxLength: 2 }), from: fc.constant(false), version: fc.constantFrom('v1', 'v2') }) as fc.Arbitrary<SampleRule>;

  test.each([true, false])('send each request where the gateway and then the service would (rewritten: %s)', (rewritten) => {
    fc.assert(fc.property(fc.array(plain, { maxLength: 4 }), fc.array(rule, { maxLength: 2 }), prefixes, fc.array(request, { minLength: 20, maxLength: 20 }),
      (rules, callerRules, list, requests) => {
        const here = world();
        const onlyCallers = callerRules.map((one) => ({ ...one, from: true, timeout: undefined }));
        const { kept } = declare(here, [...rules, ...onlyCallers], []);
        const edge = new Gateway(here.mesh, 'edge', { host: 'shop.example.com' });
        list.forEach((prefix) => edge.route(here.service, { path: Path.prefix(prefix), rewrite: rewritten ? { prefix: '/' } : undefined }));
        const spec = specOf(edge.virtualService);
        for (const sample of requests) {
          const outside = { ...sample, path: `/shop${sample.path}`, source: { namespace: 'edge', labels: {} } };
          for (const seen of [sample, outside]) {
            const prefix = [...list].sort((a, b) => b.length - a.length).find((one) => (rewritten ? seen.path === one || seen.path.startsWith(`${one}/`) : seen.path.startsWith(one)));
            const inside = { ...seen, source: outside.source, path: rewritten && prefix !== undefined ? `/${seen.path.slice(prefix.length + 1)}` : seen.path };
            const taken = routeOf(spec, { ...seen, source: outside.source });
            expect(taken !== undefined).toBe(prefix !== undefined);
            if (prefix !== undefined) {
              expect(observed(taken).version).toEqual(expected(kept, [], inside).version);
            }
          }
        }
      }), { numRuns: 200 });
  });
});
