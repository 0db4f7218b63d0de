import fc from 'fast-check';
import { Registry } from 'prom-client';

import { TYPE_URLS, type Configuration, type EncodedResource } from '../../src/model/configuration';
import { Connection } from '../../src/xds/connection';
import { XdsMetrics } from '../../src/xds/metrics';
import { planSteps, type TypeView } from '../../src/xds/planning';
import { Responses } from '../../src/xds/responses';
import { cluster, configuration, endpoints, listener, routes } from './fixtures';
import { SimulatedEnvoy } from './simulated-envoy';

const { cluster: CDS, endpoint: EDS, listener: LDS, route: RDS, secret: SDS } = TYPE_URLS;

/** A mesh at one time: for each route configuration the cluster it names, and for each cluster its definition and its port. */
const mesh = fc.record({
  routes: fc.dictionary(fc.constantFrom('r0', 'r1', 'r2'), fc.constantFrom('c0', 'c1', 'c2', 'c3'), { maxKeys: 3 }),
  timeouts: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }),
  ports: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }),
});
type Mesh = typeof mesh extends fc.Arbitrary<infer T> ? T : never;

const BAD = 99;

function configurationOf({ routes: targets, timeouts, ports }: Mesh): Configuration {
  const used = [...new Set(Object.values(targets))].sort();
  const number = (name: string) => Number(name.slice(1));
  return configuration({
    clusters: used.map((name) => cluster(name, timeouts[number(name)])),
    endpoints: used.map((name) => endpoints(name, ports[number(name)]!)),
    listeners: Object.keys(targets).map((name) => listener(name, name)),
    routes: Object.entries(targets).map(([name, target]) => routes(name, target)),
  });
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

interface Run {
  readonly envoy: SimulatedEnvoy;
  readonly connection: Connection;
  /** Lets Envoy take responses until nothing moves. */
  settle(): Promise<void>;
  /** Lets Envoy take at most so many responses. */
  advance(count: number): Promise<void>;
}

/** Shared by all, as by the streams of a server. */
const responses = new Responses();

function run(refuses: (version: string) => boolean = () => false): Run {
  const requests: Parameters<Connection['receive']>[0][] = [];
  const envoy = new SimulatedEnvoy((request) => requests.push(request), refuses);
  const connection = new Connection({
    id: 'c', node: { id: 'n', cluster: '', metadata: {} }, outlet: envoy, metrics: new XdsMetrics(new Registry()), responses, secrets: true,
    events: { ack: () => undefined, nack: () => undefined, synced: () => undefined, withheld: () => undefined },
    timing: { coalesce: 60_000, patience: 60_000, writeTimeout: 60_000 },
  });
  const advance = async (count: number) => {
    for (let i = 0; i < count; i += 1) {
      requests.splice(0).forEach((request) => connection.receive(request));
      await turn();
      if (!envoy.take() && requests.length === 0) return;
    }
  };
  envoy.connect();
  return { envoy, connection, advance, settle: () => advance(1000) };
}

describe('the order of pushes', () => {
  test('leads from any mesh to any other, at any time, without a 503 and without sending anything twice', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(mesh, fc.nat(6)), { minLength: 1, maxLength: 8 }), async (edits) => {
      const { envoy, connection, advance, settle } = run();
      for (const [edit, steps] of edits) {
        connection.setConfiguration(configurationOf(edit));
        await advance(steps);
      }
      await settle();
      connection.close();
      expect(envoy.problems).toEqual([]);
      expect(connection.isSynced()).toBe(true);
      expect(new Map([...envoy.versions].sort())).toEqual(versionsOf(configurationOf(edits.at(-1)![0])));
    }), { numRuns: 100 });
  }, 120_000);

  test('a refused version stops nothing, whatever it is: the rest arrives, and its successor too', async () => {
    await fc.assert(fc.asyncProperty(mesh, fc.constantFrom('c0', 'c1', 'c2', 'c3'), async (final, name) => {
      const bad = cluster(name, BAD);
      const { envoy, connection, settle } = run((version) => version === bad.version);
      const good = configurationOf(final);
      const clusters = new Map(good.get(CDS));
      clusters.set(name, bad);
      connection.setConfiguration(new Map([...good, [CDS, clusters]]));
      await settle();
      expect(connection.isSynced()).toBe(true);
      connection.setConfiguration(good);
      await settle();
      connection.close();
      expect(new Map([...envoy.versions].sort())).toEqual(versionsOf(good));
    }), { numRuns: 100 });
  });

  test('the last good routes keep their clusters until their successors are accepted', async () => {
    const { envoy, connection, settle } = run((version) => version === routes('r0', 'c1').version);
    const at = (target: 'c0' | 'c1' | 'c2') => configurationOf({ routes: { r0: target }, timeouts: [1, 1, 1, 1], ports: [1, 1, 1, 1] });
    for (const [target, active] of [['c0', ['c0']], ['c1', ['c0', 'c1']], ['c2', ['c2']]] as const) {
      connection.setConfiguration(at(target));
      await settle();
      expect([...envoy.versions.keys()].filter((key) => key.startsWith(CDS)).map((key) => key.slice(CDS.length + 1)).sort()).toEqual(active);
    }
    connection.close();
    expect(envoy.problems).toEqual([]);
  });
});

function versionsOf(wanted: Configuration): Map<string, string> {
  const all = [...wanted].flatMap(([typeUrl, resources]) => [...resources.values()].map((each) => [`${typeUrl} ${each.name}`, each.version] as const));
  return new Map(all.sort());
}

describe('planSteps', () => {
  const idle: TypeView = { added: [], absent: [], removed: [], suspects: [], busy: false, waiting: false, mustAnswer: false, survivors: [] };
  const plan = (types: Record<string, Partial<TypeView>>, endpointsOf: (of: EncodedResource) => EncodedResource | undefined = () => undefined) =>
    planSteps({ types: new Map(Object.entries(types).map(([typeUrl, view]) => [typeUrl, { ...idle, ...view }])), endpointsOf })
      .map(({ typeUrl, resources, removed }) => [typeUrl, resources.map(({ name }) => name), removed]);

  test('clusters, then endpoints; listeners and routes when the clusters are acknowledged', () => {
    const all = { [RDS]: { added: [routes('r', 'a')] }, [LDS]: { added: [listener('l', 'r')] }, [EDS]: { added: [endpoints('a', 1)] } };
    expect(plan({ ...all, [CDS]: { added: [cluster('a')] } })).toEqual([[CDS, ['a'], []], [EDS, ['a'], []]]);
    expect(plan({ ...all, [EDS]: {}, [CDS]: { waiting: true, busy: true } })).toEqual([]);
    expect(plan({ ...all, [EDS]: {}, [CDS]: {} })).toEqual([[LDS, ['l'], []], [RDS, ['r'], []]]);
  });

  test('removals come last, dependents first, and not while routes are unanswered', () => {
    const all = { [EDS]: { removed: ['a'] }, [CDS]: { removed: ['a'] }, [RDS]: { removed: ['r'] }, [LDS]: { removed: ['l'] } };
    expect(plan(all)).toEqual([[LDS, [], ['l']], [RDS, [], ['r']], [CDS, [], ['a']], [EDS, [], ['a']]]);
    expect(plan({ ...all, [RDS]: { removed: ['r'], waiting: true } })).toEqual([]);
    expect(plan({ ...all, [RDS]: { removed: ['r'], added: [routes('x', 'b')] } })).toEqual([[RDS, ['x'], []]]);
  });

  test('endpoints of a changed cluster go along once, even while other endpoints are unanswered', () => {
    const again = () => endpoints('a', 1);
    expect(plan({ [CDS]: { added: [cluster('a')] }, [EDS]: { busy: true, added: [endpoints('b', 1)] } }, again)).toEqual([[CDS, ['a'], []], [EDS, ['a'], []]]);
    expect(plan({ [CDS]: { added: [cluster('a')] }, [EDS]: { added: [endpoints('a', 1)] } }, again)).toEqual([[CDS, ['a'], []], [EDS, ['a'], []]]);
  });

  test('secrets, which clusters and listeners warm on, wait for nothing; that a name does not exist is said at once', () => {
    expect(plan({ [CDS]: { waiting: true, busy: true }, [SDS]: { added: [cluster('secret')] }, [RDS]: { absent: ['r'] } }))
      .toEqual([[SDS, ['secret'], []], [RDS, [], ['r']]]);
  });

  test('groups of a rejected response are sent one at a time', () => {
    const suspects = [[cluster('a'), cluster('b')], [cluster('c')]];
    expect(plan({ [CDS]: { suspects } })).toEqual([[CDS, ['a', 'b'], []]]);
    expect(plan({ [CDS]: { suspects, busy: true } })).toEqual([]);
  });
});
