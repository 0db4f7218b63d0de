import { readNode } from '../../src/agent/node';
import { parseDiscoveryAddress, parseDuration, readAgentArguments } from '../../src/agent/arguments';

const ENV = {
  POD_NAME: 'reviews-v1-0', POD_NAMESPACE: 'bookinfo', INSTANCE_IP: '10.244.0.7', SERVICE_ACCOUNT: 'reviews',
  ISTIO_META_CLUSTER_ID: 'Kubernetes', ISTIO_META_WORKLOAD_NAME: 'reviews-v1', ISTIO_META_POD_PORTS: '[{"containerPort":9080}]',
  PROXY_CONFIG: '{"discoveryAddress":"istiod.istio-system.svc:15010","concurrency":2}', PATH: '/bin',
};

describe('the node of a proxy', () => {
  test('says who it is as Istio does', () => {
    expect(readNode({ type: 'sidecar', env: ENV, labels: { app: 'reviews', version: 'v1' }, annotations: { a: 'b' } })).toEqual({
      id: 'sidecar~10.244.0.7~reviews-v1-0.bookinfo~bookinfo.svc.cluster.local',
      cluster: 'reviews.bookinfo',
      metadata: {
        NAME: 'reviews-v1-0', NAMESPACE: 'bookinfo', INSTANCE_IPS: '10.244.0.7', SERVICE_ACCOUNT: 'reviews',
        CLUSTER_ID: 'Kubernetes', WORKLOAD_NAME: 'reviews-v1', POD_PORTS: '[{"containerPort":9080}]',
        LABELS: { app: 'reviews', version: 'v1' }, ANNOTATIONS: { a: 'b' },
        PROXY_CONFIG: { discoveryAddress: 'istiod.istio-system.svc:15010', concurrency: 2 },
        ENVOY_PROMETHEUS_PORT: 15090, ENVOY_STATUS_PORT: 15021,
      },
    });
  });

  test('takes the domain and the locality when they are given', () => {
    const node = readNode({ type: 'router', env: ENV, labels: { 'istio-locality': 'eu.eu-1.a' }, annotations: {}, domain: 'bookinfo.svc.example.org' });
    expect(node.id).toBe('router~10.244.0.7~reviews-v1-0.bookinfo~bookinfo.svc.example.org');
    expect(node.cluster).toBe('reviews-v1.bookinfo');
    expect(node.locality).toEqual({ region: 'eu', zone: 'eu-1', subZone: 'a' });
  });

  test.each(['', '[]', '{', 'null', '"x"'])('a PROXY_CONFIG of %j counts as empty', (PROXY_CONFIG) => {
    expect(readNode({ type: 'sidecar', env: { ...ENV, PROXY_CONFIG }, labels: {}, annotations: {} }).metadata.PROXY_CONFIG).toEqual({});
  });
});

describe('the words of mesh agent', () => {
  test('those of the manifests', () => {
    expect(readAgentArguments([
      'sidecar', '--domain', 'a.svc.cluster.local', '--proxyLogLevel=debug', '--proxyComponentLogLevel=misc:error', '--log_output_level=default:info',
    ])).toEqual({ type: 'sidecar', domain: 'a.svc.cluster.local', logLevel: 'debug', componentLogLevel: 'misc:error', configPath: '/etc/istio/proxy' });
    expect(readAgentArguments(['router'])).toMatchObject({ type: 'router', logLevel: 'warning' });
    expect(readAgentArguments(['waypoint'])).toBeUndefined();
    expect(readAgentArguments([])).toBeUndefined();
  });

  test.each([['5s', 5_000], ['1m30s', 90_000], ['250ms', 250], ['1.5s', 1_500], ['', undefined], ['5', undefined], ['-1s', undefined], [5, undefined]])('duration %j', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([['istiod:15010', { host: 'istiod', port: 15010 }], ['istiod', undefined], ['http://x:1', undefined], [undefined, undefined]])('address %j', (text, address) => {
    expect(parseDiscoveryAddress(text)).toEqual(address);
  });
});
