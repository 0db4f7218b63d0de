import { Chart } from 'cdk8s';
import { MeshService, Mtls, MutualTls, Port } from '../src';
import { createWorld, synth } from './world';

describe('MutualTls', () => {
  test('opens a port of a service, by the number that its pods know', () => {
    // GIVEN
    const { mesh, one } = createWorld({ mtls: Mtls.STRICT });
    const httpbin = new MeshService(mesh, 'httpbin', { port: Port.http(8000, { targetPort: 80 }), versions: { v1: { image: 'x' } } });

    // WHEN
    new MutualTls(mesh, 'httpbin-is-open', { service: httpbin, ports: { 8000: Mtls.DISABLE } });

    // THEN
    expect(one('PeerAuthentication', 'httpbin-is-open')).toEqual({
      apiVersion: 'security.istio.io/v1',
      kind: 'PeerAuthentication',
      metadata: { name: 'httpbin-is-open', namespace: 'shop' },
      spec: { selector: { matchLabels: { app: 'httpbin' } }, portLevelMtls: { 80: { mode: 'DISABLE' } } },
    });
  });

  test('holds for a service', () => {
    const { mesh, service, spec } = createWorld();
    new MutualTls(mesh, 'strict', { service: service('vault'), mode: Mtls.STRICT });
    expect(spec('PeerAuthentication', 'strict')).toEqual({ selector: { matchLabels: { app: 'vault' } }, mtls: { mode: 'STRICT' } });
  });

  test.each([['before', true], ['after', false]])('stands in for what the mesh says in a namespace, declared %s it', (_when, first) => {
    // GIVEN
    const { app, mesh, chart } = createWorld({ mtls: Mtls.STRICT });
    const vault = new Chart(app, 'vault', { namespace: 'vault' });
    const declare = () => new MutualTls(mesh, 'vault', { namespace: 'vault', mode: Mtls.PERMISSIVE });

    // WHEN
    if (first) {
      declare();
    }
    new MeshService(vault, 'safe', { mesh, port: 80, versions: { v1: { image: 'x' } } });
    if (!first) {
      declare();
    }

    // THEN
    const written = [chart, vault].flatMap(synth).filter(({ kind }) => kind === 'PeerAuthentication');
    expect(written.map(({ metadata, spec }) => [metadata.namespace, metadata.name, spec.mtls.mode])).toEqual([['shop', 'default', 'STRICT'], ['vault', 'default', 'PERMISSIVE']]);
  });

  describe('fails when', () => {
    const failures: [string, (world: ReturnType<typeof createWorld>) => unknown, string][] = [
      ['it says nothing', ({ mesh, service }) => new MutualTls(mesh, 'it', { service: service('a') }), 'it: says nothing'],
      ['the port does not exist', ({ mesh, service }) => new MutualTls(mesh, 'it', { service: service('a'), ports: { 81: Mtls.DISABLE } }), 'a has no port 81; it has 80'],
      ['another one is for the same service', ({ mesh, service }) => {
        const a = service('a');
        return [new MutualTls(mesh, 'one', { service: a, mode: Mtls.STRICT }), new MutualTls(mesh, 'two', { service: a, mode: Mtls.DISABLE })];
      }, 'two: mutual TLS of a is already set by chart/mesh/one'],
      ['another one is for the same namespace', ({ mesh }) => [
        new MutualTls(mesh, 'one', { namespace: 'a', mode: Mtls.STRICT }), new MutualTls(mesh, 'two', { namespace: 'a', mode: Mtls.STRICT }),
      ], 'mutual TLS of a is already set'],
      ['the service belongs to somebody else', ({ mesh }) => new MutualTls(mesh, 'it', { service: MeshService.fromName(mesh, 'pay', { port: 80 }), mode: Mtls.STRICT }),
        'pay belongs to another repository'],
      // @ts-expect-error a namespace has no ports
      ['a namespace is given ports', ({ mesh }) => new MutualTls(mesh, 'it', { namespace: 'a', ports: { 80: Mtls.DISABLE } }), 'is for nobody, or says nothing'],
    ];

    test.each(failures)('%s', (_when, act, message) => expect(() => act(createWorld())).toThrow(message));
  });
});
