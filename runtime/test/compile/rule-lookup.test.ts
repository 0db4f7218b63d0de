import fc from 'fast-check';
import { decode } from '../../src/envoy';
import { TYPE_URLS } from '../../src/model/configuration';
import type { Resource } from '../../src/model/resource';
import { EMPTY, compile, edit, object } from './fixtures';

/** The caller is in `default`, the service in `shop`. */
const HOST = 'web.shop.svc.cluster.local';

interface Rule {
  readonly namespace: string;
  readonly host: string;
  readonly exportTo?: readonly string[];
}

const rules: fc.Arbitrary<Rule[]> = fc.uniqueArray(fc.record({
  namespace: fc.constantFrom('default', 'shop', 'istio-system', 'elsewhere'),
  host: fc.constantFrom(HOST, '*.shop.svc.cluster.local', '*.svc.cluster.local', 'other.shop.svc.cluster.local'),
  exportTo: fc.constantFrom(['.'], ['*'], ['default'], ['shop'], ['.', 'default']),
}, { requiredKeys: ['namespace', 'host'] }), { maxLength: 6, selector: ({ namespace, host }) => `${namespace}/${host}` });

/** Each is known by its time-out: the first has one second, and so on. */
function destinationRule({ namespace, host, exportTo }: Rule, i: number): Resource {
  return object('DestinationRule', `r${i}`, { host, exportTo, trafficPolicy: { connectionPool: { tcp: { connectTimeout: `${i + 1}s` } } } }, namespace);
}

const names = ({ namespace, exportTo = ['*'] }: Rule): readonly string[] => exportTo.map((one) => (one === '.' ? namespace : one));
const sees = (rule: Rule, namespace: string): boolean => names(rule).some((one) => one === '*' || one === namespace);

/** The most specific of a namespace that names the host. */
function best(all: readonly Rule[]): Rule | undefined {
  return all.filter(({ host }) => host === HOST || (host.startsWith('*') && HOST.endsWith(host.slice(1))))
    .sort((a, b) => Number(a.host.startsWith('*')) - Number(b.host.startsWith('*')) || b.host.length - a.host.length)[0];
}

/**
 * The caller's own namespace, then the service's, then the root namespace, each asked for what it lets the caller see
 * (https://istio.io/latest/docs/ops/best-practices/traffic-management/#cross-namespace-configuration). Who has nothing but a private rule has none for others.
 */
function expected(all: readonly Rule[]): Rule | undefined {
  const own = best(all.filter((one) => one.namespace === 'default' && sees(one, 'default')));
  const exported = ['shop', 'istio-system'].map((namespace) =>
    best(all.filter((one) => one.namespace === namespace && names(one).some((name) => name !== namespace))));
  return [own, ...exported].find((one) => one && sees(one, 'default'));
}

test('a DestinationRule is looked for beside the caller, beside the service, and in the root namespace', () => {
  fc.assert(fc.property(rules, (all) => {
    const service = object('Service', 'web', { clusterIP: '10.96.0.1', ports: [{ name: 'http', port: 8000 }] }, 'shop');
    const bytes = compile(edit(EMPTY, { put: [service, ...all.map(destinationRule)] })).get(TYPE_URLS.cluster)?.get(`outbound|8000||${HOST}`)?.bytes;
    const seconds = Number(decode('Cluster', bytes ?? new Uint8Array()).connectTimeout?.seconds);
    const found = expected(all);
    expect(seconds).toBe(found ? all.indexOf(found) + 1 : 10);
  }), { numRuns: 500 });
});
