import fc from 'fast-check';
import type { Resource } from '../../src/model/resource';
import type { Call } from '../../src/simulate';
import { Simulation } from '../../src/simulate';
import { EMPTY, compile, edit, object, service } from './fixtures';

const HOSTS = ['web', 'other'].map((name) => `${name}.default.svc.cluster.local`);

interface Rule {
  readonly namespace: string;
  readonly hosts: readonly string[];
  readonly exportTo?: readonly string[];
  /** The only namespace whose callers have a route. */
  readonly from?: string;
  readonly age: number;
}

const host = fc.constantFrom(...HOSTS, '*.default.svc.cluster.local', '*.svc.cluster.local', '*.local');
const namespace = fc.constantFrom('default', 'shop');
const rule: fc.Arbitrary<Rule> = fc.record({
  namespace,
  hosts: fc.uniqueArray(host, { minLength: 1, maxLength: 2 }),
  exportTo: fc.constantFrom(['.'], ['*'], ['default'], ['shop'], ['~'], ['.', 'default'], ['~', 'default']),
  from: namespace,
  age: fc.integer({ min: 1, max: 3 }),
}, { requiredKeys: ['namespace', 'hosts', 'age'] });

function virtualService({ namespace: own, hosts, exportTo, from, age }: Rule, i: number): Resource {
  const match = from ? [{ sourceNamespace: from }] : undefined;
  const resource = object('VirtualService', `r${i}`, { hosts, exportTo, http: [{ name: `r${i}`, match, route: [{ destination: { host: HOSTS[0] } }] }] }, own);
  return { ...resource, metadata: { ...resource.metadata, creationTimestamp: `2024-01-0${age}T00:00:00Z` } };
}

/** How near a rule is to a caller in `default`: its own private ones, those exported to it, the public ones; undefined: it does not see it. */
function nearness({ namespace: own, exportTo = ['*'] }: Rule): number | undefined {
  const names = exportTo.map((name) => (name === '.' ? own : name));
  return names.includes('*') ? 2 : names.includes('~') || !names.includes('default') ? undefined : own === 'default' ? 0 : 1;
}

/** Whose rule answers: said once more, for one caller and one host, as the reference of Istio says it. */
function expected(rules: readonly Rule[], asked: string): string {
  const order = rules.map((one, i) => ({ ...one, name: `r${i}` })).filter((one) => nearness(one) !== undefined)
    .sort((a, b) => (nearness(a) ?? 0) - (nearness(b) ?? 0) || a.age - b.age || (a.name < b.name ? -1 : 1));
  const holds = (one: Rule): boolean => (one.from ?? 'default') === 'default';
  const exact = order.filter((one) => one.hosts.includes(asked));
  if (exact.length > 0) {
    return exact.find(holds)?.name ?? 'default';
  }
  const longest = Math.max(...order.flatMap((one) => one.hosts).filter((one) => one.startsWith('*')).map((one) => one.length));
  const wildcard = order.find((one) => one.hosts.some((name) => name.startsWith('*') && name.length === longest));
  return wildcard && holds(wildcard) ? wildcard.name : 'default';
}

test('the rules of one VirtualService hold for a host: the most exact, the nearest, the oldest that has one for the caller', () => {
  fc.assert(fc.property(fc.array(rule, { maxLength: 5 }), fc.constantFrom('web', 'other'), (rules, name) => {
    const services = [service('web', '10.96.0.1'), service('other', '10.96.0.2')];
    const configuration = compile(edit(EMPTY, { put: [...services, ...rules.map(virtualService)] }));
    const call: Call = { at: 'outbound', address: '10.96.0.1', port: 8000, protocol: 'http', tls: 'plaintext', authority: name, path: '/', headers: {} };
    expect(new Simulation(configuration).run(call).route).toBe(expected(rules, `${name}.default.svc.cluster.local`));
  }), { numRuns: 400 });
});
