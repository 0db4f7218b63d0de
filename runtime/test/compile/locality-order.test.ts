import fc from 'fast-check';
import { decode } from '../../src/envoy';
import { TYPE_URLS } from '../../src/model/configuration';
import { EMPTY, compile, edit, object, proxy } from './fixtures';

const part = (word: string) => fc.constantFrom(`${word}1`, `${word}2`);
const place = fc.tuple(fc.constantFrom('r1', 'r2', 'r3'), part('z'), part('s'));
type Place = [region: string, zone: string, subZone: string];
const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y'), { maxKeys: 3 });
const endpoints = fc.array(fc.record({ place, labels, weight: fc.integer({ min: 1, max: 9 }) }), { minLength: 1, maxLength: 8 });
type Given = { place: Place; labels: Record<string, string>; weight: number };

const CLUSTER = 'outbound|80||place.example.com';
const address = (i: number) => `10.1.0.${i + 1}`;

/** Priorities by address, as Envoy is told them. */
function priorities(given: readonly Given[], caller: { place: Place; labels: Record<string, string> }, localityLbSetting: object): number[] {
  const snapshot = edit(EMPTY, { put: [
    object('ServiceEntry', 'place', {
      hosts: ['place.example.com'], ports: [{ number: 80, name: 'http', protocol: 'HTTP' }], resolution: 'STATIC',
      endpoints: given.map((one, i) => ({ address: address(i), locality: one.place.join('/'), labels: one.labels, weight: one.weight })),
    }),
    object('DestinationRule', 'place', { host: 'place.example.com', trafficPolicy: { outlierDetection: {}, loadBalancer: { localityLbSetting } } }),
  ] });
  const client = proxy('client', { app: 'client', 'istio-locality': caller.place.join('.'), ...caller.labels });
  const bytes = compile(snapshot, client).get(TYPE_URLS.endpoint)?.get(CLUSTER)?.bytes;
  const groups = decode('ClusterLoadAssignment', bytes ?? new Uint8Array()).endpoints ?? [];
  const found = new Map<string, number>();
  for (const { priority = 0, lbEndpoints = [], loadBalancingWeight } of groups) {
    const members = lbEndpoints.map((one) => one.endpoint?.address?.socketAddress?.address ?? '');
    members.forEach((member) => found.set(member, priority));
    expect(loadBalancingWeight?.value).toBe(members.reduce((sum, member) => sum + given[Number(member.split('.')[3]) - 1].weight, 0));
  }
  expect(found.size).toBe(given.length);
  return given.map((_one, i) => found.get(address(i)) as number);
}

/** Envoy takes them from 0 on, without gaps; who is as far away is as much preferred. */
function expectOrder(actual: readonly number[], distances: readonly number[]): void {
  const ranks = [...new Set(distances)].sort((a, b) => a - b);
  expect(actual).toEqual(distances.map((distance) => ranks.indexOf(distance)));
}

test('failover goes from near to far: sub-zone, zone, region, the region that is named, all others', () => {
  fc.assert(fc.property(endpoints, place, fc.constantFrom('r1', 'r2', 'r3', 'nowhere'), (given, caller, to) => {
    const [region, zone, subZone] = caller;
    fc.pre(to !== region);
    const distances = given.map((one) => (one.place[0] === region ? (one.place[1] !== zone ? 2 : one.place[2] !== subZone ? 1 : 0) : one.place[0] === to ? 3 : 4));
    expectOrder(priorities(given, { place: caller, labels: {} }, { failover: [{ from: region, to }] }), distances);
  }), { numRuns: 200 });
});

test('failoverPriority counts the labels that agree, from the first one on', () => {
  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'a=x', 'b=y'), { minLength: 1, maxLength: 3, selector: (name) => name[0] });
  fc.assert(fc.property(endpoints, labels, names, (given, own, failoverPriority) => {
    const wanted = failoverPriority.map((text) => text.split('=')).map(([name, value]) => [name, value ?? own[name] ?? ''] as const);
    const distances = given.map((one) => {
      const first = wanted.findIndex(([name, value]) => (one.labels[name] ?? '') !== value);
      return first < 0 ? 0 : wanted.length - first;
    });
    expectOrder(priorities(given, { place: ['r1', 'z1', 's1'], labels: own }, { failoverPriority }), distances);
  }), { numRuns: 200 });
});

test('distribute gives each place its share of the whole, whoever stands there', () => {
  fc.assert(fc.property(endpoints, fc.integer({ min: 1, max: 99 }), (given, share) => {
    const shares = [['r1', share], ['r2', 100 - share]] as const;
    const snapshot = edit(EMPTY, { put: [
      object('ServiceEntry', 'place', {
        hosts: ['place.example.com'], ports: [{ number: 80, name: 'http', protocol: 'HTTP' }], resolution: 'STATIC',
        endpoints: given.map((one, i) => ({ address: address(i), locality: one.place.join('/'), weight: one.weight })),
      }),
      object('DestinationRule', 'place', { host: 'place.example.com', trafficPolicy: { loadBalancer: { localityLbSetting: {
        distribute: [{ from: 'r1/*', to: Object.fromEntries(shares.map(([region, weight]) => [`${region}/*`, weight])) }],
      } } } }),
    ] });
    const bytes = compile(snapshot, proxy('client', { app: 'client', 'istio-locality': 'r1.z1.s1' })).get(TYPE_URLS.endpoint)?.get(CLUSTER)?.bytes;
    const groups = decode('ClusterLoadAssignment', bytes ?? new Uint8Array()).endpoints ?? [];
    for (const [region, weight] of shares) {
      const own = groups.filter((group) => group.locality?.region === region);
      const sum = own.reduce((all, group) => all + (group.loadBalancingWeight?.value ?? 0), 0);
      // Each locality's part is rounded up, so that none is left without.
      expect(sum).toBeGreaterThanOrEqual(own.length > 0 ? weight : 0);
      expect(sum).toBeLessThan((own.length > 0 ? weight : 0) + Math.max(1, own.length));
    }
    expect(groups.every((group) => (group.priority ?? 0) === 0)).toBe(true);
  }), { numRuns: 200 });
});
