import fc from 'fast-check';
import type { Resource } from '../../src/model/resource';

/** One edit of a world: what a user, or a pod that comes up or goes down, does to it. Numbers stand for what is there at that time. */
export type Edit = { readonly put: Resource } | { readonly remove: number } | { readonly pod: number; readonly ready: boolean };

const NAMESPACES = ['shop', 'pay'];
const NAMES = ['a', 'b', 'c'];
const VERSIONS = ['v1', 'v2'];
const EXTERNAL = ['*.example.com', 'api.example.com', 'a.shop.svc.cluster.local'];

const name = fc.constantFrom(...NAMES);
const namespace = fc.constantFrom(...NAMESPACES);
const version = fc.constantFrom(...VERSIONS);
const labels = fc.oneof(fc.record({ app: name }), fc.record({ app: name, version }));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const some = <T>(value: fc.Arbitrary<T>, maxLength = 2) => fc.array(value, { minLength: 1, maxLength });
const exportTo = maybe(fc.constantFrom(['.'], ['*'], ['pay']));
const host = fc.oneof(name, fc.tuple(name, namespace).map(([one, other]) => `${one}.${other}.svc.cluster.local`), fc.constantFrom(...EXTERNAL));

function object(apiVersion: string, kind: string, spec: fc.Arbitrary<object>): fc.Arbitrary<Resource> {
  const created = maybe(fc.constantFrom('2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'));
  return fc.tuple(name, namespace, created, spec).map(([one, other, creationTimestamp, content]) =>
    ({ apiVersion, kind, metadata: { name: one, namespace: other, ...(creationTimestamp && { creationTimestamp }) }, spec: content }));
}

const istio = (kind: string, spec: fc.Arbitrary<object>) => object('networking.istio.io/v1', kind, spec);

const PORTS = [
  { name: 'http', port: 80 }, { name: 'http-alt', port: 8080, targetPort: 80 }, { name: 'grpc', port: 9000 }, { name: 'tcp', port: 3306 },
  { name: 'tls', port: 8443 }, { name: 'db', port: 5000 },
];
const ports = fc.uniqueArray(fc.constantFrom(...PORTS), { minLength: 1, maxLength: 3 });
const service = object('v1', 'Service', fc.oneof(
  { weight: 4, arbitrary: fc.record({ selector: labels, ports }) },
  { weight: 1, arbitrary: fc.record({ clusterIP: fc.constant('None'), selector: labels, ports }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('ExternalName'), externalName: host }) },
));

const deployment: fc.Arbitrary<Resource> = fc.tuple(name, version, namespace, fc.integer({ min: 0, max: 2 })).map(([app, v, other, replicas]) => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: `${app}-${v}`, namespace: other },
  spec: {
    replicas,
    selector: { matchLabels: { app, version: v } },
    template: { metadata: { labels: { app, version: v } }, spec: { containers: [{ name: app, image: app, ports: [{ containerPort: 80 }] }] } },
  },
}));

const destination = fc.record({ host, subset: maybe(version), port: maybe(fc.constantFrom(80, 8080).map((number) => ({ number }))) }, { requiredKeys: ['host'] });
const caller = { sourceLabels: labels, sourceNamespace: namespace, gateways: some(fc.constantFrom('mesh', 'shop/a')), port: fc.constantFrom(80, 8080) };
const httpMatch = fc.record({ uri: fc.record({ prefix: fc.constantFrom('/', '/x') }), ...caller }, { requiredKeys: [] });
const route = fc.oneof(
  destination.map((one) => [{ destination: one }]),
  fc.tuple(destination, destination, fc.integer({ min: 1, max: 99 })).map(([a, b, weight]) => [{ destination: a, weight }, { destination: b, weight: 100 - weight }]),
);
const http = fc.record({ match: some(httpMatch), route, timeout: fc.constantFrom('1s', '2s'), mirror: destination }, { requiredKeys: ['route'] });
const tcp = fc.record({ match: some(fc.record(caller, { requiredKeys: [] })), route }, { requiredKeys: ['route'] });
const tls = fc.record({ match: some(fc.record({ sniHosts: some(host), sourceLabels: labels }, { requiredKeys: ['sniHosts'] })), route });
const virtualService = istio('VirtualService', fc.record({
  hosts: some(host), gateways: some(fc.constantFrom('mesh', 'shop/a', 'pay/b')), exportTo, http: some(http), tcp: some(tcp, 1), tls: some(tls, 1),
}, { requiredKeys: ['hosts', 'http'] }));

const policy = fc.record({
  connectionPool: fc.integer({ min: 1, max: 3 }).map((maxConnections) => ({ tcp: { maxConnections } })),
  loadBalancer: fc.constantFrom({ simple: 'RANDOM' }, { consistentHash: { httpHeaderName: 'x' } }),
}, { requiredKeys: [] });
const destinationRule = istio('DestinationRule', fc.record({
  host, exportTo, trafficPolicy: policy, workloadSelector: labels.map((matchLabels) => ({ matchLabels })),
  subsets: some(fc.record({ name: version, labels: fc.record({ version }), trafficPolicy: policy }, { requiredKeys: ['name', 'labels'] })),
}, { requiredKeys: ['host'] }));

const serviceEntry = istio('ServiceEntry', fc.record({
  hosts: some(fc.constantFrom(...EXTERNAL, 'db.example.org'), 1), exportTo, resolution: fc.constantFrom('STATIC', 'DNS', 'NONE'),
  ports: some(fc.constantFrom(
    { name: 'http', number: 80, protocol: 'HTTP' }, { name: 'tls', number: 8443, protocol: 'TLS' }, { name: 'tcp', number: 3306, protocol: 'TCP' }), 1),
  workloadSelector: labels.map((one) => ({ labels: one })),
}, { requiredKeys: ['hosts', 'ports', 'resolution'] }));

const egressHost = fc.tuple(fc.constantFrom('*', '.', ...NAMESPACES), fc.oneof(fc.constant('*'), host)).map(([one, other]) =>
  `${one}/${other.includes('.') || other === '*' ? other : `${other}.shop.svc.cluster.local`}`);
const sidecar = istio('Sidecar', fc.record({
  workloadSelector: labels.map((one) => ({ labels: one })),
  egress: some(fc.record({ hosts: some(egressHost), port: fc.constant({ number: 80, protocol: 'HTTP', name: 'http' }) }, { requiredKeys: ['hosts'] })),
  outboundTrafficPolicy: fc.constantFrom({ mode: 'REGISTRY_ONLY' }, { mode: 'ALLOW_ANY' }),
}, { requiredKeys: [] }));

const gateway = istio('Gateway', fc.record({
  selector: fc.constant({ istio: 'edge' }),
  servers: some(fc.record({
    port: fc.constantFrom({ number: 80, name: 'http', protocol: 'HTTP' }, { number: 8080, name: 'alt', protocol: 'HTTP' }, { number: 3306, name: 'tcp', protocol: 'TCP' }),
    hosts: some(fc.oneof(fc.constant('*'), host.filter((one) => one.includes('.')))),
  })),
}));

const meshConfig: fc.Arbitrary<Resource> = fc.constantFrom('REGISTRY_ONLY', 'ALLOW_ANY').map((mode) => ({
  apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'istio', namespace: 'istio-system' }, data: { mesh: JSON.stringify({ outboundTrafficPolicy: { mode } }) },
}));

const anyObject = fc.oneof(
  { weight: 4, arbitrary: service }, { weight: 3, arbitrary: deployment }, { weight: 5, arbitrary: virtualService }, { weight: 4, arbitrary: destinationRule },
  { weight: 2, arbitrary: serviceEntry }, { weight: 1, arbitrary: sidecar }, { weight: 1, arbitrary: gateway }, { weight: 1, arbitrary: meshConfig },
);

/** Edits in a row, among few names, so that they often change what is there. */
export const edits: fc.Arbitrary<readonly Edit[]> = fc.array(fc.oneof(
  { weight: 7, arbitrary: fc.record({ put: anyObject }) },
  { weight: 1, arbitrary: fc.record({ remove: fc.nat({ max: 50 }) }) },
  { weight: 2, arbitrary: fc.record({ pod: fc.nat({ max: 20 }), ready: fc.boolean() }) },
), { minLength: 10, maxLength: 40, size: 'max' });
