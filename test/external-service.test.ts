import { Duration } from 'cdk8s';
import { EgressGateway, ExternalService, FaultInjection, MeshError, Port, type TlsOrigination } from '../src';
import { createWorld } from './world';

describe('ExternalService', () => {
  test('writes a ServiceEntry', () => {
    // GIVEN
    const { mesh, spec } = createWorld();

    // WHEN
    new ExternalService(mesh, 'cnn', { host: 'edition.cnn.com', port: [Port.http(80), Port.tls(443)] });

    // THEN
    expect(spec('ServiceEntry', 'cnn')).toEqual({
      hosts: ['edition.cnn.com'],
      ports: [{ name: 'http', number: 80, protocol: 'HTTP' }, { name: 'tls', number: 443, protocol: 'TLS' }],
      location: 'MESH_EXTERNAL',
      resolution: 'DNS',
    });
  });

  test.each([
    [{ host: '*.example.org' }, { resolution: 'NONE' }],
    [{ host: 'a.example.org', endpoints: ['10.0.0.1', '10.0.0.2'] }, { resolution: 'STATIC', endpoints: [{ address: '10.0.0.1' }, { address: '10.0.0.2' }] }],
    [{ host: 'a.example.org', endpoints: ['b.example.org'] }, { resolution: 'DNS', endpoints: [{ address: 'b.example.org' }] }],
    [{ host: 'a.example.org', resolution: 'DNS_ROUND_ROBIN', location: 'MESH_INTERNAL' }, { resolution: 'DNS_ROUND_ROBIN', location: 'MESH_INTERNAL' }],
  ] as const)('finds addresses: %j', (props, expected) => {
    const { mesh, spec } = createWorld();
    new ExternalService(mesh, 'it', { ...props, port: 80 });
    expect(spec('ServiceEntry', 'it')).toMatchObject(expected);
  });

  test('lets the proxy speak TLS where workloads speak HTTP', () => {
    // GIVEN
    const { mesh, spec } = createWorld();

    // WHEN
    new ExternalService(mesh, 'partner', { host: 'api.partner.example', port: Port.http(80), originateTls: true });

    // THEN
    expect(spec('ServiceEntry', 'partner').ports).toEqual([{ name: 'http', number: 80, protocol: 'HTTP', targetPort: 443 }]);
    expect(spec('DestinationRule', 'partner')).toEqual({
      host: 'api.partner.example', trafficPolicy: { tls: { mode: 'SIMPLE', sni: 'api.partner.example' } },
    });
  });

  test('speaks TLS on its HTTP ports only', () => {
    const { mesh, spec } = createWorld();
    const partner = new ExternalService(mesh, 'partner', {
      host: 'api.partner.example', port: [Port.http(80), Port.tls(443)], originateTls: { serverName: 'partner.example', clientSecret: 'ours' },
    });
    new EgressGateway(mesh, 'egress').allow(partner);
    expect(spec('DestinationRule', 'partner').trafficPolicy).toEqual({
      portLevelSettings: [{ port: { number: 80 }, tls: { mode: 'MUTUAL', sni: 'partner.example', subjectAltNames: ['partner.example'], credentialName: 'ours' } }],
    });
  });

  test('speaks mutual TLS with files, and trusts what it is told to', () => {
    const { mesh, spec } = createWorld();
    new ExternalService(mesh, 'partner', {
      host: 'api.partner.example',
      port: Port.http(80),
      originateTls: {
        clientCertificate: { certificate: '/certs/client.pem', privateKey: '/certs/client.key' }, caCertificates: '/certs/ca.pem', revoked: '/certs/crl.pem',
        subjectAltNames: ['partner.example', 'spiffe://partner.example/api'],
      },
    });
    expect(spec('DestinationRule', 'partner').trafficPolicy.tls).toEqual({
      mode: 'MUTUAL', sni: 'api.partner.example', clientCertificate: '/certs/client.pem', privateKey: '/certs/client.key', caCertificates: '/certs/ca.pem',
      caCrl: '/certs/crl.pem', subjectAltNames: ['partner.example', 'spiffe://partner.example/api'],
    });
  });

  test('trusts a Secret of the egress gateway, or anybody', () => {
    const { mesh, spec } = createWorld();
    const external = (id: string, originateTls: TlsOrigination) => new ExternalService(mesh, id, { host: `${id}.example.org`, port: 80, originateTls });
    new EgressGateway(mesh, 'egress').allow(external('careful', { caSecret: 'their-authority' }));
    external('careless', { insecureSkipVerify: true });
    expect(spec('DestinationRule', 'careful').trafficPolicy.tls).toEqual({ mode: 'SIMPLE', sni: 'careful.example.org', credentialName: 'their-authority' });
    expect(spec('DestinationRule', 'careless').trafficPolicy.tls).toEqual({ mode: 'SIMPLE', sni: 'careless.example.org', insecureSkipVerify: true });
  });

  test('fails at synth when sidecars would need a Secret', () => {
    const { mesh, all } = createWorld();
    new ExternalService(mesh, 'it', { host: 'a.example.org', port: 80, originateTls: { clientSecret: 'ours' } });
    expect(() => all('ServiceEntry')).toThrow('it: `originateTls` names the Secret ours, which gateways read and sidecars do not');
  });

  test('takes timeouts and faults, for each of its hosts', () => {
    // GIVEN
    const { mesh, all } = createWorld();
    const both = new ExternalService(mesh, 'both', { hosts: ['a.example.org', 'b.example.org'], port: 80 });

    // WHEN
    both.decorate({ timeout: Duration.seconds(3) });
    new FaultInjection(mesh, 'fault', { service: both, abort: { status: 500, percent: 100 } });

    // THEN
    expect(all('VirtualService').map(({ metadata, spec }) => [metadata.name, spec])).toEqual(['a', 'b'].map((name) => [`both-${name}-example-org`, {
      hosts: [`${name}.example.org`],
      http: [{ route: [{ destination: { host: `${name}.example.org` } }], timeout: '3s', fault: { abort: { httpStatus: 500, percentage: { value: 100 } } } }],
    }]));
  });

  test('has versions by its endpoints', () => {
    // GIVEN
    const { mesh, spec } = createWorld();

    // WHEN
    const legacy = new ExternalService(mesh, 'legacy', {
      host: 'legacy.example.com', port: [80, Port.tcp(9000)], exportTo: ['.'], subjectAltNames: ['spiffe://example.com/legacy'],
      versions: { old: ['10.0.0.7'], new: [{ address: '10.0.0.8', ports: { 80: 8080 }, locality: 'us-east/a', weight: 2, labels: { tier: 'fast' }, network: 'vm', serviceAccount: 'legacy' }] },
    });
    legacy.route({ to: { old: 90, new: 10 } });

    // THEN
    expect(spec('ServiceEntry', 'legacy')).toMatchObject({
      resolution: 'STATIC',
      exportTo: ['.'],
      subjectAltNames: ['spiffe://example.com/legacy'],
      endpoints: [
        { address: '10.0.0.7', labels: { version: 'old' } },
        {
          address: '10.0.0.8', ports: { http: 8080 }, labels: { tier: 'fast', version: 'new' }, locality: 'us-east/a', weight: 2, network: 'vm', serviceAccount: 'legacy',
        },
      ],
    });
    expect(spec('DestinationRule', 'legacy').subsets).toEqual([{ name: 'old', labels: { version: 'old' } }, { name: 'new', labels: { version: 'new' } }]);
    expect(spec('VirtualService', 'legacy').http[0].route.map(({ destination, weight }: { destination: { subset: string }; weight: number }) => [destination.subset, weight]))
      .toEqual([['old', 90], ['new', 10]]);
    // @ts-expect-error a version that does not exist
    expect(() => legacy.route({ to: 'v9' })).toThrow('legacy has no version "v9"');
  });

  test('selects workloads of the mesh', () => {
    const { mesh, spec } = createWorld();
    new ExternalService(mesh, 'machines', { host: 'machines.shop', port: 80, location: 'MESH_INTERNAL', selector: { app: 'machines' } });
    expect(spec('ServiceEntry', 'machines')).toMatchObject({ location: 'MESH_INTERNAL', resolution: 'STATIC', workloadSelector: { labels: { app: 'machines' } } });
  });

  test.each([
    ['endpoints stand beside versions', { endpoints: ['10.0.0.1'], versions: { a: ['10.0.0.2'] } }, 'has both `endpoints` and `versions`'],
    ['a version has no endpoint', { versions: { a: [] } }, 'version a has no endpoint'],
    ['an endpoint names an unknown port', { endpoints: [{ address: '10.0.0.1', ports: { 81: 8080 } }] }, 'an endpoint names port 81, but clients use 80'],
    ['endpoints stand beside a selector', { endpoints: ['10.0.0.1'], selector: { app: 'a' } }, 'has both `selector` and endpoints of its own'],
  ])('is refused when %s', (_when, props, message) => {
    const { mesh } = createWorld();
    expect(() => new ExternalService(mesh, 'a', { host: 'a.example.com', port: 80, ...props })).toThrow(message);
  });

  describe('fails when', () => {
    const failures: [string, (world: ReturnType<typeof createWorld>) => unknown, string][] = [
      ['it has no host', ({ mesh }) => new ExternalService(mesh, 'it', { port: 80 }), 'it: has no host'],
      ['its host is an address', ({ mesh }) => new ExternalService(mesh, 'it', { host: '10.0.0.1', port: 80 }), '"10.0.0.1" is no host name'],
      ['its host is declared twice', ({ mesh }) => [new ExternalService(mesh, 'one', { host: 'a.example.org', port: 80 }), new ExternalService(mesh, 'two', { host: 'a.example.org', port: 443 })],
        'two: host a.example.org is already declared by chart/mesh/one'],
      ['its host is one of the mesh', ({ mesh, service }) => [service('ratings'), new ExternalService(mesh, 'it', { host: 'ratings.shop', port: 80 })],
        'it: host ratings.shop is also a host of the mesh: chart/mesh/ratings answers for ratings.shop'],
      ['a service is declared with its host later', ({ mesh, service }) => [new ExternalService(mesh, 'it', { host: '*.cluster.local', port: 80 }), service('ratings')],
        'ratings: host ratings.shop.svc.cluster.local is also declared as an external host by chart/mesh/it'],
      ['TLS has a Secret and files', ({ mesh }) => new ExternalService(mesh, 'it', { host: 'a.example.org', port: 80, originateTls: { clientSecret: 'ours', caCertificates: '/ca.pem' } }), '`originateTls` has both a Secret and files'],
      ['TLS has two Secrets', ({ mesh }) => new ExternalService(mesh, 'it', { host: 'a.example.org', port: 80, originateTls: { clientSecret: 'ours', caSecret: 'theirs' } }), 'both `caSecret` and `clientSecret`'],
      ['TLS has no plain port', ({ mesh }) => new ExternalService(mesh, 'it', { host: 'a.example.org', port: Port.tls(443), originateTls: true }), '`originateTls` needs a port on which workloads speak plain HTTP'],
    ];

    test.each(failures)('%s', (_when, act, message) => {
      expect(() => act(createWorld())).toThrow(message);
      expect(() => act(createWorld())).toThrow(MeshError);
    });
  });
});
