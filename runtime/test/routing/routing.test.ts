import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Compiler } from '../../src/compile';
import type { SuiteMesh } from './istio-suite';
import { proxyOf, snapshotOf, withDomain } from './istio-suite';
import type { Call, Outcome } from './simulate';
import { simulate } from './simulate';

const SUITE = join(__dirname, '../../../../shared/suites/routing.json');

/** Where we answer differently from Istio, by mesh and call, and why. Each of them still runs: one that agrees is an error here. */
const DIFFERENT: readonly (readonly [mesh: RegExp, call: RegExp, why: string])[] = [
  [/duplicate_tls_gateway/, /^call$/, 'Istio sends a listener that Envoy refuses; we keep the first server and report the second'],
  [/^TestInbound\/Permissive/, /^mtls (to http|http to auto port)$/, 'no mutual TLS yet'],
  [/^TestInboundSidecarTLSModes/, /./, 'sidecars do not terminate TLS of their own yet'],
  [/global_disable_and_port_9000_strict$|global_strict$|^TestPeerAuthenticationWithSidecar/, /^plaintext( port 9000| on tls port)?$/, 'no mutual TLS yet'],
  [/^TestIngress/, /./, 'Kubernetes Ingress is not read yet'],
  [/^TestTLSRouteTermination/, /./, 'the TLSRoutes are not in the data'],
];

const reasonFor = (mesh: string, call: string) => DIFFERENT.find(([meshes, calls]) => meshes.test(mesh) && calls.test(call))?.[2];

const meshes: readonly SuiteMesh[] = existsSync(SUITE) ? JSON.parse(readFileSync(SUITE, 'utf8')) : [];

function differences(mesh: SuiteMesh, call: Call, want: Outcome): string[] {
  const { configuration } = new Compiler().compile(snapshotOf(mesh), proxyOf(mesh));
  const got = simulate(configuration, call, mesh.proxy.type === 'router');
  const expected: Outcome = { ...want, cluster: withDomain(want.cluster) };
  return (['listener', 'filterChain', 'routeConfig', 'virtualHost', 'route', 'cluster', 'error'] as const)
    .filter((field) => expected[field] !== undefined && got[field] !== expected[field])
    .map((field) => `${field}: expected ${expected[field]}, got ${got[field]}`);
}

if (meshes.length === 0) {
  test.skip('the suite of Istio\'s own expectations is not beside this repository', () => undefined);
} else {
  describe.each(meshes.map((mesh) => [mesh.name, mesh] as const))('%s', expectOutcomes);
}

function expectOutcomes(name: string, mesh: SuiteMesh): void {
  test.each(mesh.calls.map((one) => [one.name, one] as const))('%s', (call, one) => {
    const found = differences(mesh, one.call, one.want);
    const reason = reasonFor(name, call);
    // A difference that is gone must leave the list.
    expect(reason === undefined ? found : found.length > 0 ? [] : [`agrees now, although: ${reason}`]).toEqual([]);
  });
}
