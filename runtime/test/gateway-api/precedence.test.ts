import fc from 'fast-check';
import { readMesh } from '../../src/compile';
import type { Resource } from '../../src/model/resource';
import { Cluster } from '../../src/source';

interface Match {
  readonly path: { readonly type: 'Exact' | 'PathPrefix'; readonly value: string };
  readonly method?: 'GET' | 'PUT';
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly queryParams: readonly { readonly name: string; readonly value: string }[];
}

interface Route {
  readonly name: string;
  readonly creationTimestamp: string;
  readonly rules: readonly (readonly Match[])[];
}

const pairs = (prefix: string) => fc.integer({ min: 0, max: 2 }).map((count) => Array.from({ length: count }, (_, i) => ({ name: `${prefix}${i}`, value: 'x' })));
const match: fc.Arbitrary<Match> = fc.record({
  path: fc.record({ type: fc.constantFrom('Exact' as const, 'PathPrefix' as const), value: fc.constantFrom('/a', '/ab', '/a/b', '/a/b/c') }),
  method: fc.option(fc.constantFrom('GET' as const, 'PUT' as const), { nil: undefined }),
  headers: pairs('h'),
  queryParams: pairs('q'),
});
const routes: fc.Arbitrary<readonly Route[]> = fc.uniqueArray(fc.record({
  name: fc.constantFrom('one', 'two', 'three'),
  creationTimestamp: fc.constantFrom('2020-01-01T00:00:00Z', '2021-01-01T00:00:00Z'),
  rules: fc.array(fc.array(match, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 }),
}), { selector: (route) => route.name, minLength: 1, maxLength: 3 });

/** In the words of the specification: https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule */
function expected(all: readonly Route[]): string[] {
  const byAge = [...all].sort((a, b) => (a.creationTimestamp + a.name < b.creationTimestamp + b.name ? -1 : 1));
  const ranked = byAge.flatMap(({ name, rules }) => rules.flatMap((matches, i) => matches.map((one) => ({ rule: `default.${name}.${i}`, one }))));
  const rank = ({ path, method, headers, queryParams }: Match): string =>
    [path.type === 'Exact' ? 1 : 0, path.value.length, method ? 1 : 0, headers.length, queryParams.length].map((number) => String.fromCharCode(99 - number)).join('');
  return ranked.sort((a, b) => (rank(a.one) < rank(b.one) ? -1 : rank(a.one) > rank(b.one) ? 1 : 0)).map(({ rule }) => rule);
}

function orderOf(all: readonly Route[]): string[] {
  const cluster = new Cluster();
  const group = { apiVersion: 'gateway.networking.k8s.io/v1' };
  cluster.apply([
    { ...group, kind: 'Gateway', metadata: { name: 'edge', namespace: 'default' }, spec: { gatewayClassName: 'istio', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] } },
    ...all.map(({ name, creationTimestamp, rules }) => ({
      ...group, kind: 'HTTPRoute', metadata: { name, namespace: 'default', creationTimestamp }, spec: { parentRefs: [{ name: 'edge' }], rules: rules.map((matches) => ({ matches })) },
    })),
  ].map((resource) => ({ resource: JSON.parse(JSON.stringify(resource)) as Resource })));
  return readMesh(cluster.snapshot()).virtualServices[0].http.map((rule) => rule.name);
}

test('rules of all routes of a host stand in the order of the specification, however they were written', () => {
  fc.assert(fc.property(routes, (all) => {
    expect(orderOf(all)).toEqual(expected(all));
    expect(orderOf([...all].reverse())).toEqual(expected(all));
  }), { numRuns: 200 });
});
