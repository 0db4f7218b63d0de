import fc from 'fast-check';
import { decode } from '../../src/envoy';
import { TYPE_URLS } from '../../src/model/configuration';
import type { Resource } from '../../src/model/resource';
import { EMPTY, compile, edit, object, service } from './fixtures';

/** Three of the blocks that a policy may have at every level, each with one number or word by which it is told apart. */
interface Blocks {
  readonly timeout?: number;
  readonly errors?: number;
  readonly balancer?: 'RANDOM' | 'ROUND_ROBIN';
}

const blocks: fc.Arbitrary<Blocks> = fc.record({
  timeout: fc.integer({ min: 1, max: 9 }), errors: fc.integer({ min: 1, max: 9 }), balancer: fc.constantFrom('RANDOM', 'ROUND_ROBIN'),
}, { requiredKeys: [] });
const level = fc.option(blocks, { nil: undefined });
const levels = fc.record({ mesh: level, host: level, hostPort: level, subset: level, subsetPort: level });
type Levels = { readonly [K in 'mesh' | 'host' | 'hostPort' | 'subset' | 'subsetPort']?: Blocks };

const written = ({ timeout, errors, balancer }: Blocks): object => ({
  ...(timeout !== undefined && { connectionPool: { tcp: { connectTimeout: `${timeout}s` } } }),
  ...(errors !== undefined && { outlierDetection: { consecutive5xxErrors: errors } }),
  ...(balancer !== undefined && { loadBalancer: { simple: balancer } }),
});
const policy = (general: Blocks | undefined, port: Blocks | undefined): object => ({
  ...(general && written(general)), ...(port && { portLevelSettings: [{ port: { number: 8000 }, ...written(port) }] }),
});

function world({ mesh, host, hostPort, subset, subsetPort }: Levels): Resource[] {
  const { loadBalancer: _none, ...defaults } = written(mesh ?? {}) as { loadBalancer?: object };
  return [
    service('web', '10.96.0.1'),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'istio', namespace: 'istio-system' }, data: { mesh: JSON.stringify({ defaultTrafficPolicy: defaults }) } } as Resource,
    object('DestinationRule', 'web', {
      host: 'web', trafficPolicy: policy(host, hostPort), subsets: [{ name: 'v1', labels: { version: 'v1' }, trafficPolicy: policy(subset, subsetPort) }],
    }),
  ];
}

/**
 * As the reference of DestinationRule has it: what a port says replaces everything of its level; what a subset says overrides its host block by
 * block; what nobody says is the mesh's.
 */
function expected({ mesh = {}, host = {}, hostPort, subset = {}, subsetPort }: Levels, isSubset: boolean): Blocks {
  const base = hostPort ?? host;
  const own: Blocks = isSubset ? subsetPort ?? { ...base, ...subset } : base;
  return { timeout: own.timeout ?? mesh.timeout, errors: own.errors ?? mesh.errors, balancer: own.balancer };
}

/** Numbers of Envoy's enum. */
const BALANCERS = new Map<number, Blocks['balancer']>([[0, 'ROUND_ROBIN'], [3, 'RANDOM']]);
const DEFAULT_TIMEOUT = 10;

function emitted(resources: readonly Resource[], subset: string): Blocks {
  const bytes = compile(edit(EMPTY, { put: resources })).get(TYPE_URLS.cluster)?.get(`outbound|8000|${subset}|web.default.svc.cluster.local`)?.bytes;
  const { connectTimeout, outlierDetection, lbPolicy = 0 } = decode('Cluster', bytes ?? new Uint8Array());
  const seconds = Number(connectTimeout?.seconds ?? 0);
  return { timeout: seconds === DEFAULT_TIMEOUT ? undefined : seconds, errors: outlierDetection?.consecutive5xx?.value, balancer: BALANCERS.get(lbPolicy) };
}

test('the policies of mesh, host, subset and port meet as the reference says, whoever of them says what', () => {
  fc.assert(fc.property(levels, (given) => {
    const resources = world(given);
    expect(emitted(resources, '')).toEqual(expected(given, false));
    expect(emitted(resources, 'v1')).toEqual(expected(given, true));
  }), { numRuns: 500 });
});
