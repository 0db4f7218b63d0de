import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Compiler } from '../../src/compile';
import type { Outcome } from '../../src/simulate';
import { NotModelled, Simulation } from '../../src/simulate';
import type { SuiteCall, SuiteMesh } from './routing-mesh';
import { callOf, proxyOf, snapshotOf } from './routing-mesh';

/** Where we answer differently from Istio, by mesh and call, and why. Each of them still runs: one that agrees must leave the list. */
const DIFFERENT: readonly (readonly [mesh: RegExp, call: RegExp, why: string])[] = [
  [/duplicate_tls_gateway/, /^call$/, 'Istio calls this a bug of its own (istio#24638): it sends a listener that Envoy refuses; we keep the first server and report the second'],
  [/^TestTLSRouteTermination/, /./, 'the data has the Gateway, but not the TLSRoutes that the calls are about'],
];

export interface RoutingResult {
  readonly mesh: string;
  readonly call: string;
  /** Field by field, what Istio expects and what we do; empty if we agree. */
  readonly differences: readonly string[];
  /** Why a difference is wanted or known. */
  readonly reason?: string;
}

/** The meshes of `routing.json` in a folder of suites; undefined where it is absent. */
export function readRoutingSuite(folder: string): readonly SuiteMesh[] | undefined {
  const file = join(folder, 'routing.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as SuiteMesh[] : undefined;
}

/** Makes the configuration of the mesh's proxy, and follows each call through it. */
export function replayMesh(mesh: SuiteMesh): RoutingResult[] {
  const proxy = proxyOf(mesh);
  const simulation = new Simulation(new Compiler().compile(snapshotOf(mesh), proxy).configuration);
  return mesh.calls.map(({ name, call, want }) => ({
    mesh: mesh.name,
    call: name,
    differences: differences(() => simulation.run(callOf(call, proxy.type === 'router')), want),
    reason: DIFFERENT.find(([meshes, calls]) => meshes.test(mesh.name) && calls.test(name))?.[2],
  }));
}

const FIELDS = ['listener', 'filterChain', 'routeConfig', 'virtualHost', 'route', 'cluster', 'error'] as const;

function differences(run: () => Outcome, { strictMatch, ...want }: SuiteCall['want']): string[] {
  let got: Outcome;
  try {
    got = run();
  } catch (error) {
    if (error instanceof NotModelled) {
      return [`not modelled: ${error.message}`];
    }
    throw error;
  }
  return FIELDS
    .filter((field) => (strictMatch || want[field] !== undefined) && withoutDomain(got[field]) !== withoutDomain(want[field]))
    .map((field) => `${field}: expected ${want[field]}, got ${got[field]}`);
}

/** Short hosts of the suite have no domain: `a.default` stands for the service. */
function withoutDomain(name: string | undefined): string | undefined {
  return name?.replaceAll('.svc.cluster.local', '');
}
