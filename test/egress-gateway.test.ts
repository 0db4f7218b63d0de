import { Duration } from 'cdk8s';
import { EgressGateway, ExternalService, MeshService, Outbound, Port } from '../src';
import { createWorld, hostOf } from './world';

const gateway = (port: number) => ({ host: hostOf('egress'), port: { number: port } });
const beyond = (host: string, port: number) => ({ host, port: { number: port } });

describe('EgressGateway', () => {
  test('carries HTTP on 80 and TLS by server name on 443', () => {
    // GIVEN
    const { mesh, spec } = createWorld();

    // WHEN
    new EgressGateway(mesh, 'egress', { hosts: ['api.example.com'] });

    // THEN
    const hosts = ['api.example.com'];
    expect(spec('Gateway', 'egress')).toEqual({
      selector: { app: 'egress', istio: 'egress' },
      servers: [
        { hosts, port: { name: 'http', number: 80, protocol: 'HTTP' } },
        { hosts, port: { name: 'tls', number: 443, protocol: 'TLS' }, tls: { mode: 'PASSTHROUGH' } },
      ],
    });
    expect(spec('ServiceEntry', 'api-example-com')).toMatchObject({ hosts, resolution: 'DNS' });
    expect(spec('VirtualService', 'api-example-com')).toEqual({
      hosts,
      gateways: ['mesh', 'shop/egress'],
      http: [
        { match: [{ gateways: ['mesh'], port: 80 }], route: [{ destination: gateway(80) }] },
        { match: [{ gateways: ['shop/egress'], port: 80 }], route: [{ destination: beyond('api.example.com', 80) }] },
      ],
      tls: [
        { match: [{ gateways: ['mesh'], port: 443, sniHosts: hosts }], route: [{ destination: gateway(443) }] },
        { match: [{ gateways: ['shop/egress'], port: 443, sniHosts: hosts }], route: [{ destination: beyond('api.example.com', 443) }] },
      ],
    });
    expect(spec('Service', 'egress')).toMatchObject({ type: 'ClusterIP', ports: [{ port: 15021 }, { port: 80 }, { port: 443 }] });
  });

  test('takes an external service with its own ports and rules, which hold on the way to the gateway', () => {
    // GIVEN
    const { mesh, spec } = createWorld();
    const partner = new ExternalService(mesh, 'partner', { host: 'api.partner.example', port: Port.http(8080), originateTls: true });
    partner.decorate({ timeout: Duration.seconds(3) });

    // WHEN
    new EgressGateway(mesh, 'egress').allow(partner);

    // THEN
    expect(spec('VirtualService', 'partner').http).toEqual([
      { match: [{ gateways: ['mesh'], port: 8080 }], route: [{ destination: gateway(8080) }], timeout: '3s' },
      { match: [{ gateways: ['shop/egress'], port: 8080 }], route: [{ destination: beyond('api.partner.example', 8080) }] },
    ]);
    expect(spec('Gateway', 'egress').servers).toEqual([{ hosts: ['api.partner.example'], port: { name: 'http-8080', number: 8080, protocol: 'HTTP' } }]);
  });

  test('looks wildcards up by the name of each request', () => {
    const { mesh, spec } = createWorld();
    new EgressGateway(mesh, 'egress').allow('*.example.org');
    expect(spec('ServiceEntry', 'wildcard-example-org')).toMatchObject({ hosts: ['*.example.org'], resolution: 'DYNAMIC_DNS' });
  });

  test('is in the egress list of services that call its hosts', () => {
    // GIVEN
    const { mesh, spec } = createWorld({ outbound: Outbound.REGISTRY_ONLY });
    const egress = new EgressGateway(mesh, 'egress');

    // WHEN
    new MeshService(mesh, 'web', { port: 80, versions: { v1: { image: 'x' } }, calls: [egress.allow('api.example.com')] });

    // THEN
    expect(spec('Sidecar', 'web')).toEqual({
      workloadSelector: { labels: { app: 'web' } },
      egress: [{ hosts: ['istio-system/*', 'shop/api.example.com', `shop/${hostOf('egress')}`] }],
      outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
    });
  });

  test('allows a host once, however often that is said', () => {
    const { mesh, all } = createWorld();
    const egress = new EgressGateway(mesh, 'egress', { hosts: ['a.example.org'] });
    expect(egress.allow(egress.allow('a.example.org'))).toBe(egress.allow('a.example.org'));
    expect(all('ServiceEntry')).toHaveLength(1);
  });

  describe('fails when', () => {
    const failures: [string, (world: ReturnType<typeof createWorld>) => unknown, string][] = [
      ['a host is one of the mesh', ({ mesh, service }) => [service('ratings'), new EgressGateway(mesh, 'egress', { hosts: [hostOf('ratings')] })], 'is also a host of the mesh: chart/mesh/ratings'],
      ['a host is declared elsewhere', ({ mesh }) => [new ExternalService(mesh, 'a', { host: 'a.example.org', port: 80 }), new EgressGateway(mesh, 'egress', { hosts: ['a.example.org'] })],
        'host a.example.org is already declared by chart/mesh/a'],
      ['a host speaks neither HTTP nor TLS', ({ mesh }) => new EgressGateway(mesh, 'egress').allow(new ExternalService(mesh, 'db', { host: 'db.example.org', port: Port.tcp(27017) })),
        'carries HTTP and TLS, not tcp'],
      ['two hosts use a port differently', ({ mesh }) => new EgressGateway(mesh, 'egress', { hosts: ['a.example.org'] }).allow(new ExternalService(mesh, 'b', { host: 'b.example.org', port: Port.http(443) })),
        'port 443 is used for HTTP by one host and for TLS by another'],
    ];

    test.each(failures)('%s', (_when, act, message) => expect(() => act(createWorld())).toThrow(message));
  });
});
