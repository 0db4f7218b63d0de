import { Chart, Duration, Testing } from 'cdk8s';
import { load } from 'js-yaml';
import { ExternalAuthorizer, Mesh, MeshRuntime, MeshService, Port } from '../src';
import { createWorld, synth, type Printed } from './world';

const meshConfigOf = (objects: readonly Printed[], name = 'istio'): unknown => {
  const { data } = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name) as unknown as { data: { mesh: string } };
  return load(data.mesh);
};

describe('ExternalAuthorizer', () => {
  test('stands in the MeshConfig of the bundled control plane', () => {
    // GIVEN
    const { chart, mesh } = createWorld({ trustDomain: 'shop.example.com', trustDomainAliases: ['old.example.com'] });
    const opa = new MeshService(mesh, 'opa', { port: [8181, Port.grpc(9191)], versions: { v1: { image: 'opa' } } });

    // WHEN
    new ExternalAuthorizer(mesh, 'by-grpc', { protocol: 'grpc', service: opa, timeout: Duration.millis(500), failOpen: true, statusOnError: 503, body: { maxBytes: 8192, allowPartial: true, asBytes: true } });
    new ExternalAuthorizer(mesh, 'by-http', {
      protocol: 'http', service: opa, pathPrefix: '/check', requestHeaders: ['x-user'], additionalHeaders: { 'x-from': 'mesh' }, headersUpstream: ['x-role'], headersOnDeny: ['x-why'],
      headersOnAllow: ['set-cookie'], clearRouteCache: true,
    });
    ExternalAuthorizer.fromName(mesh, 'installed');

    // THEN
    expect(meshConfigOf(synth(chart))).toEqual({
      rootNamespace: 'istio-system',
      trustDomain: 'shop.example.com',
      trustDomainAliases: ['old.example.com'],
      extensionProviders: [
        {
          name: 'by-grpc',
          envoyExtAuthzGrpc: {
            service: 'shop/opa.shop.svc.cluster.local', port: 9191, timeout: '0.5s', failOpen: true, statusOnError: '503',
            includeRequestBodyInCheck: { maxRequestBytes: 8192, allowPartialMessage: true, packAsBytes: true },
          },
        },
        {
          name: 'by-http',
          envoyExtAuthzHttp: {
            service: 'shop/opa.shop.svc.cluster.local', port: 8181, clearRouteCache: true, pathPrefix: '/check', includeRequestHeadersInCheck: ['x-user'],
            includeAdditionalHeadersInCheck: { 'x-from': 'mesh' }, headersToUpstreamOnAllow: ['x-role'], headersToDownstreamOnDeny: ['x-why'], headersToDownstreamOnAllow: ['set-cookie'],
          },
        },
      ],
    });
  });

  test('stands in a ConfigMap that an installed Istio is told of', () => {
    const chart = new Chart(Testing.app(), 'chart', { namespace: 'shop' });
    const mesh = new Mesh(chart, 'mesh', { runtime: MeshRuntime.istio({ sharedMeshConfig: 'shop-settings' }) });
    const opa = new MeshService(mesh, 'opa', { port: 8181, versions: { v1: { image: 'opa' } } });
    new ExternalAuthorizer(mesh, 'opa-check', { protocol: 'http', service: opa });
    const objects = synth(chart);
    expect(objects.find(({ kind }) => kind === 'ConfigMap')?.metadata).toEqual({ name: 'shop-settings', namespace: 'istio-system' });
    expect(meshConfigOf(objects, 'shop-settings')).toEqual({ extensionProviders: [{ name: 'opa-check', envoyExtAuthzHttp: { service: 'shop/opa.shop.svc.cluster.local', port: 8181 } }] });
  });

  describe('fails when', () => {
    const failures: [string, (world: ReturnType<typeof createWorld>) => unknown, string][] = [
      ['there are two of the name', ({ mesh, chart }) => [ExternalAuthorizer.fromName(mesh, 'opa'), ExternalAuthorizer.fromName(chart, 'opa')], 'an authorizer called opa is already declared by chart/mesh/opa'],
      ['the service has no port for gRPC', ({ mesh, service }) => new ExternalAuthorizer(mesh, 'it', { protocol: 'grpc', service: service('a') }), 'a has no port for grpc; it has http 80'],
      ['the port is another one', ({ mesh, service }) => new ExternalAuthorizer(mesh, 'it', { protocol: 'http', service: service('a'), port: 81 }), 'a has no port 81 for http'],
      ['the status says nothing is wrong', ({ mesh, service }) => new ExternalAuthorizer(mesh, 'it', { protocol: 'http', service: service('a'), statusOnError: 200 }), 'statusOnError must be a whole number from 400 to 599'],
      ['Istio is somebody else\'s', ({ app }) => {
        const mesh = new Mesh(new Chart(app, 'other', { namespace: 'other' }), 'mesh', { runtime: MeshRuntime.istio(), controlPlaneNamespace: 'istio-system' });
        return mesh;
      }, 'is run by istio'],
    ];

    test.each(failures)('%s', (_when, act, message) => expect(() => act(createWorld())).toThrow(message));

    test('Istio reads no ConfigMap of ours', () => {
      const mesh = new Mesh(new Chart(Testing.app(), 'chart'), 'mesh', { runtime: MeshRuntime.istio() });
      const opa = new MeshService(mesh, 'opa', { port: 8181, versions: { v1: { image: 'opa' } } });
      expect(() => new ExternalAuthorizer(mesh, 'it', { protocol: 'http', service: opa })).toThrow('Istio reads authorizers from a MeshConfig that is not ours to write');
    });
  });
});
