import { Chart, Duration } from 'cdk8s';
import { EgressGateway, ExternalService, MeshService, Outbound, Port } from '../src';
import { createWorld, hostOf, synth } from './world';

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

  test('speaks TLS to a host that workloads ask for in plain HTTP, once it is outside', () => {
    // GIVEN
    const { mesh, spec } = createWorld();
    const partner = new ExternalService(mesh, 'partner', { host: '*.partner.example', port: Port.http(80), originateTls: true, resolution: 'DYNAMIC_DNS' });

    // WHEN
    new EgressGateway(mesh, 'egress').allow(partner);

    // THEN
    expect(spec('ServiceEntry', 'partner').ports).toEqual([{ name: 'http', number: 80, protocol: 'HTTP', targetPort: 443 }]);
    expect(spec('DestinationRule', 'partner')).toEqual({ host: '*.partner.example', trafficPolicy: { tls: { mode: 'SIMPLE' } } });
    expect(spec('VirtualService', 'partner').http[1]).toEqual({ match: [{ gateways: ['shop/egress'], port: 80 }], route: [{ destination: beyond('*.partner.example', 80) }] });
  });

  test('is reached by mutual TLS when told so', () => {
    // GIVEN
    const { mesh, spec } = createWorld();

    // WHEN
    new EgressGateway(mesh, 'egress', { hosts: ['a.example.org', '*.example.com'], mutualTls: true });

    // THEN
    expect(spec('Gateway', 'egress').servers).toEqual([
      { hosts: ['*'], port: { name: 'https', number: 80, protocol: 'HTTPS' }, tls: { mode: 'ISTIO_MUTUAL' } },
      { hosts: ['a.example.org', '*.example.com'], port: { name: 'tls', number: 443, protocol: 'TLS' }, tls: { mode: 'PASSTHROUGH' } },
    ]);
    expect(spec('DestinationRule', 'egress')).toEqual({
      host: hostOf('egress'), trafficPolicy: { portLevelSettings: [{ port: { number: 80 }, tls: { mode: 'ISTIO_MUTUAL' } }] },
    });
  });

  test('keeps pods from going around it', () => {
    // GIVEN
    const { mesh, app, spec, one } = createWorld();

    // WHEN
    new EgressGateway(mesh, 'egress', { hosts: ['a.example.org'], enforce: ['shop', 'stock'] });
    new MeshService(new Chart(app, 'later', { namespace: 'later' }), 'later', { mesh, port: 80, versions: { v1: { image: 'x' } } });

    // THEN
    const named = (...namespaces: string[]) => namespaces.map((name) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } }));
    const dns = { to: named('kube-system'), ports: [{ protocol: 'UDP', port: 53 }, { protocol: 'TCP', port: 53 }] };
    const policies = synth(mesh.node.scope as Chart).filter(({ kind }) => kind === 'NetworkPolicy');
    expect(policies.map(({ metadata: { namespace, name }, spec: { podSelector, egress } }) => [namespace, name, podSelector, egress])).toEqual([
      ['shop', 'egress-only', { matchExpressions: [{ key: 'istio', operator: 'NotIn', values: ['egress'] }] }, [dns, { to: named('istio-system', 'later', 'shop') }]],
      ['stock', 'egress-only', {}, [dns, { to: named('istio-system', 'later', 'shop', 'stock') }]],
    ]);
    expect(spec('Gateway', 'egress')).toBeDefined();
    expect(one('Deployment', 'egress').metadata.labels).toMatchObject({ istio: 'egress' });
  });

  test('stands on proxies that somebody else runs', () => {
    // GIVEN
    const { mesh, spec, all } = createWorld();

    // WHEN
    EgressGateway.fromSelector(mesh, 'exit', { selector: { istio: 'egressgateway' }, service: 'istio-egressgateway', hosts: ['a.example.org'] });
    EgressGateway.fromSelector(mesh, 'second', { selector: { istio: 'egressgateway' }, service: 'istio-egressgateway', hosts: ['b.example.org'] });

    // THEN
    expect(spec('Gateway', 'exit').selector).toEqual({ istio: 'egressgateway' });
    const destination = { host: 'istio-egressgateway.istio-system.svc.cluster.local', port: { number: 80 } };
    expect(spec('VirtualService', 'a-example-org').http[0]).toEqual({ match: [{ gateways: ['mesh'], port: 80 }], route: [{ destination }] });
    expect(spec('VirtualService', 'a-example-org').gateways).toEqual(['mesh', 'shop/exit']);
    expect(all('Deployment').map(({ metadata }) => metadata.name)).not.toContain('exit');
  });

  describe('fails when', () => {
    const failures: [string, (world: ReturnType<typeof createWorld>) => unknown, string][] = [
      ['a host is one of the mesh', ({ mesh, service }) => [service('ratings'), new EgressGateway(mesh, 'egress', { hosts: [hostOf('ratings')] })], 'is also a host of the mesh: chart/mesh/ratings'],
      ['a host is declared elsewhere', ({ mesh }) => [new ExternalService(mesh, 'a', { host: 'a.example.org', port: 80 }), new EgressGateway(mesh, 'egress', { hosts: ['a.example.org'] })],
        'host a.example.org is already declared by chart/mesh/a'],
      ['its proxies are anybody\'s', ({ mesh }) => EgressGateway.fromSelector(mesh, 'egress', { selector: {}, service: 'egress' }), 'has an empty `selector`'],
      ['a namespace is none', ({ mesh }) => new EgressGateway(mesh, 'egress', { enforce: ['a.b'] }), 'namespace "a.b" is no DNS label'],
      ['a host speaks neither HTTP nor TLS', ({ mesh }) => new EgressGateway(mesh, 'egress').allow(new ExternalService(mesh, 'db', { host: 'db.example.org', port: Port.tcp(27017) })),
        'carries HTTP and TLS, not tcp'],
      ['two hosts use a port differently', ({ mesh }) => new EgressGateway(mesh, 'egress', { hosts: ['a.example.org'] }).allow(new ExternalService(mesh, 'b', { host: 'b.example.org', port: Port.http(443) })),
        'port 443 is used for HTTP by one host and for TLS by another'],
    ];

    test.each(failures)('%s', (_when, act, message) => expect(() => act(createWorld())).toThrow(message));
  });
});
