import { any, encodeResource, inlineBootstrap, toJson, type Bootstrap, type Cluster, type ConfigSource } from '../../src/envoy';
import { TYPE_URLS, type Configuration, type EncodedResource } from '../../src/model/configuration';
import { ADS, cluster, configuration, endpoints, listener, routes } from '../xds/fixtures';
import { validate } from './envoy-validate';

jest.setTimeout(60_000);

const bootstrap: Bootstrap = {
  node: { id: 'sidecar~10.0.0.1~a.default~default.svc.cluster.local', cluster: 'a' },
  dynamicResources: { cdsConfig: ADS, ldsConfig: ADS, adsConfig: { apiType: 3, grpcServices: [{ envoyGrpc: { clusterName: 'xds-grpc' } }] } },
  staticResources: {
    clusters: ['xds-grpc', 'sds-grpc'].map((name): Cluster => ({
      name,
      typedExtensionProtocolOptions: {
        'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': any('ClusterHttpProtocolOptions', { explicitHttpConfig: { http2ProtocolOptions: {} } }),
      },
      loadAssignment: { clusterName: name, endpoints: [{ lbEndpoints: [{ endpoint: { address: { pipe: { path: `./${name}.sock` } } } }] }] },
    })),
  },
};

const agent = { apiConfigSource: { apiType: 2, transportApiVersion: 2, grpcServices: [{ envoyGrpc: { clusterName: 'sds-grpc' } }] }, resourceApiVersion: 2 } as const;

/** A certificate without its key: a trust anchor is all that these tests need. */
const CA = `-----BEGIN CERTIFICATE-----
MIIBhzCCAS2gAwIBAgIUacT//f+pP4rUaiwIQ1FWJVmhlqEwCgYIKoZIzj0EAwIw
GDEWMBQGA1UECgwNY2x1c3Rlci5sb2NhbDAgFw0yNjExMjEwOTA5MzRaGA8yMTI2
MTAyODA5MDkzNFowGDEWMBQGA1UECgwNY2x1c3Rlci5sb2NhbDBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABMzhj6m/HJ3AHJMC1KQbrD0n4oXlQR3whY5R62bYOVzb
QKlLnj6v48c046QY0H+Lqie1aIYEiV5aXeEZ0sIoZFKjUzBRMB0GA1UdDgQWBBS2
z7ao106H6MrXGGgUm6KiQLflmjAfBgNVHSMEGDAWgBS2z7ao106H6MrXGGgUm6Ki
QLflmjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCdWxz2rUx9
xzFB6dh2LmbnMQMNdyPIOlWzjS+a6IpEdQIgHckKg2tBpPMUdTaCJOfwORbIKuJF
ME+7GL5yN4L6cLA=
-----END CERTIFICATE-----`;

function inlined(wanted: Configuration): Inlined {
  return inlineBootstrap(toJson('Bootstrap', bootstrap) as Record<string, unknown>, wanted) as unknown as Inlined;
}

interface Inlined {
  readonly staticResources: Readonly<Record<'clusters' | 'listeners', readonly Readonly<Record<string, unknown>>[]>> & { readonly secrets?: unknown[] };
}

function tlsCluster(name: string, sdsConfig: ConfigSource): EncodedResource {
  const context = any('UpstreamTlsContext', {
    commonTlsContext: {
      tlsCertificateSdsSecretConfigs: [{ name: 'default', sdsConfig }],
      combinedValidationContext: { defaultValidationContext: {}, validationContextSdsSecretConfig: { name: 'ROOTCA', sdsConfig } },
    },
  });
  return cluster(name, 1000, { transportSocket: { name: 'envoy.transport_sockets.tls', typedConfig: context } });
}

const base = { clusters: [cluster('a')], endpoints: [endpoints('a', 8080)], listeners: [listener('l', 'r')], routes: [routes('r', 'a')] };

describe('inlineBootstrap', () => {
  test('puts endpoints into clusters and routes into listeners, and leaves nothing to fetch', async () => {
    const result = inlined(configuration(base));
    expect(result).not.toHaveProperty('dynamicResources');
    expect(JSON.stringify(result)).not.toMatch(/"(eds|rds|ads)"/i);
    expect(result.staticResources.clusters.find(({ name }) => name === 'a')).toMatchObject({
      type: 'STATIC', loadAssignment: { clusterName: 'a', endpoints: [{ lbEndpoints: [{ endpoint: { address: { socketAddress: { portValue: 8080 } } } }] }] },
    });
    expect(result.staticResources.listeners[0]).toMatchObject({
      filterChains: [{ filters: [{ typedConfig: { routeConfig: { name: 'r', virtualHosts: [{ routes: [{ route: { cluster: 'a' } }] }] } } }] }],
    });
    expect(await validate(result)).toBe('');
  });

  test('routes to clusters that nobody has are kept, as by RDS; unknown routes are none, unknown endpoints too', async () => {
    const result = inlined(configuration({ ...base, endpoints: [], routes: [routes('r', 'nowhere')], listeners: [listener('l', 'r'), listener('m', 'missing')] }));
    expect(await validate(result)).toBe('');
  });

  test('endpoints with names make a DNS cluster', async () => {
    const lbEndpoints = [{ endpoint: { address: { socketAddress: { address: 'api.example.com', portValue: 443 } } } }];
    const named = encodeResource('ClusterLoadAssignment', 'a', { clusterName: 'a', endpoints: [{ lbEndpoints }] });
    const result = inlined(configuration({ ...base, endpoints: [named] }));
    expect(result.staticResources.clusters.find(({ name }) => name === 'a')).toMatchObject({ type: 'STRICT_DNS' });
    expect(await validate(result)).toBe('');
  });

  test('secrets of the agent stay references', async () => {
    const result = inlined(configuration({ ...base, clusters: [tlsCluster('a', agent)] }));
    expect(JSON.stringify(result)).toContain('"name":"default","sdsConfig"');
    expect(await validate(result)).toBe('');
  });

  test('secrets of the configuration become static, those by ADS that nobody has are left out', async () => {
    const secret = encodeResource('Secret', 'ROOTCA', { name: 'ROOTCA', validationContext: { trustedCa: { inlineString: CA } } });
    const wanted = new Map([...configuration({ ...base, clusters: [tlsCluster('a', ADS)] }), [TYPE_URLS.secret, new Map([['ROOTCA', secret]])]]);
    const result = inlined(wanted);
    expect(result.staticResources.secrets).toMatchObject([{ name: 'ROOTCA' }]);
    expect(result.staticResources.clusters.find(({ name }) => name === 'a')).toMatchObject({
      transportSocket: { typedConfig: { commonTlsContext: { combinedValidationContext: { validationContextSdsSecretConfig: { name: 'ROOTCA' } } } } },
    });
    expect(JSON.stringify(result)).not.toContain('tlsCertificateSdsSecretConfigs');
    expect(await validate(result)).toBe('');
  });

  test('Envoy does judge: a broken listener is refused', async () => {
    expect(await validate(inlined(configuration({ ...base, listeners: [listener('l', 'r', 70_000)] })))).toContain('PortValue');
  });
});
