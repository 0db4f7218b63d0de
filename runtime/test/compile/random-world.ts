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
const some = <T>(value: fc.Arbitrary<T>, maxLength = 2) => fc.array(value, { minLength: 1, maxLength });
const exportTo = fc.constantFrom(['.'], ['*'], ['pay']);
const fullHost = fc.oneof(fc.tuple(name, namespace).map(([one, other]) => `${one}.${other}.svc.cluster.local`), fc.constantFrom(...EXTERNAL));
const host = fc.oneof({ weight: 2, arbitrary: name }, { weight: 1, arbitrary: fullHost });

function object(apiVersion: string, kind: string, spec: fc.Arbitrary<object>): fc.Arbitrary<Resource> {
  const created = fc.constantFrom({}, { creationTimestamp: '2026-01-01T00:00:00Z' }, { creationTimestamp: '2026-02-01T00:00:00Z' });
  return fc.tuple(name, namespace, created, spec).map(([one, other, times, content]) =>
    ({ apiVersion, kind, metadata: { name: one, namespace: other, ...times }, spec: content }));
}

const istio = (kind: string, spec: fc.Arbitrary<object>) => object('networking.istio.io/v1', kind, spec);

const PORTS = [
  { name: 'http', port: 80 }, { name: 'http-alt', port: 8080, targetPort: 80 }, { name: 'grpc', port: 9000 }, { name: 'tcp', port: 3306 },
  { name: 'tls', port: 8443 }, { name: 'db', port: 5000 }, { name: 'http-named', port: 8081, targetPort: 'named' },
];
const ports = fc.uniqueArray(fc.constantFrom(...PORTS), { minLength: 1, maxLength: 3 });
const service = object('v1', 'Service', fc.oneof(
  { weight: 4, arbitrary: fc.record({ selector: labels, ports }) },
  { weight: 1, arbitrary: fc.record({ clusterIP: fc.constant('None'), selector: labels, ports }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('ExternalName'), externalName: fullHost }) },
));

const containerPorts = fc.constantFrom(80, 81).map((containerPort) => [{ name: 'named', containerPort }]);
const deployment: fc.Arbitrary<Resource> = fc.record({ app: name, version, namespace, replicas: fc.integer({ min: 0, max: 2 }), containerPorts }).map((one) => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: `${one.app}-${one.version}`, namespace: one.namespace },
  spec: {
    replicas: one.replicas,
    selector: { matchLabels: { app: one.app, version: one.version } },
    template: { metadata: { labels: { app: one.app, version: one.version } }, spec: { containers: [{ name: one.app, image: one.app, ports: one.containerPorts }] } },
  },
}));

const portNumber = fc.constantFrom(80, 8080).map((number) => ({ number }));
const destination = fc.record({ host, subset: version, port: portNumber }, { requiredKeys: ['host'] });
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
  hosts: some(host), gateways: some(fc.constantFrom('mesh', 'shop/a')), exportTo, http: some(http), tcp: some(tcp, 1), tls: some(tls, 1),
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

const PLAIN = [{ number: 80, name: 'http', protocol: 'HTTP' }, { number: 8080, name: 'alt', protocol: 'HTTP' }, { number: 3306, name: 'tcp', protocol: 'TCP' }];
const gatewayHosts = some(fc.oneof(fc.constant('*'), fullHost));
const gateway: fc.Arbitrary<Resource> = some(fc.oneof(
  fc.record({ port: fc.constantFrom(...PLAIN), hosts: gatewayHosts }),
  fc.record({ port: fc.constant({ number: 443, name: 'https', protocol: 'HTTPS' }), hosts: gatewayHosts, tls: fc.constant({ mode: 'SIMPLE', credentialName: 'cert' }) }),
)).map((servers) => ({
  apiVersion: 'networking.istio.io/v1', kind: 'Gateway', metadata: { name: 'a', namespace: 'shop' }, spec: { selector: { istio: 'edge' }, servers },
}));

const secret: fc.Arbitrary<Resource> = fc.constantFrom('b25l', 'dHdv').map((text) => ({
  apiVersion: 'v1', kind: 'Secret', metadata: { name: 'cert', namespace: 'shop' }, type: 'kubernetes.io/tls', data: { 'tls.crt': text, 'tls.key': text },
}));

const meshConfig: fc.Arbitrary<Resource> = fc.constantFrom('REGISTRY_ONLY', 'ALLOW_ANY').map((mode) => ({
  apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'istio', namespace: 'istio-system' }, data: { mesh: JSON.stringify({ outboundTrafficPolicy: { mode } }) },
}));

const anyObject = fc.oneof(
  { weight: 4, arbitrary: service }, { weight: 3, arbitrary: deployment }, { weight: 5, arbitrary: virtualService }, { weight: 4, arbitrary: destinationRule },
  { weight: 2, arbitrary: serviceEntry }, { weight: 1, arbitrary: sidecar }, { weight: 1, arbitrary: gateway }, { weight: 1, arbitrary: secret },
  { weight: 1, arbitrary: meshConfig },
);

/** So that edits have something to be about. */
const start = fc.tuple(
  fc.array(service, { minLength: 3, maxLength: 6 }), fc.array(deployment, { minLength: 2, maxLength: 4 }), fc.array(virtualService, { maxLength: 3 }), some(gateway, 1),
).map((all) => all.flat().map((put): Edit => ({ put })));

const later: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 7, arbitrary: fc.record({ put: anyObject }) },
  { weight: 1, arbitrary: fc.record({ remove: fc.nat({ max: 50 }) }) },
  { weight: 2, arbitrary: fc.record({ pod: fc.nat({ max: 20 }), ready: fc.boolean() }) },
);

/** A world, and edits in a row: among few names, so that they often change what is there. */
export const histories: fc.Arbitrary<{ readonly start: readonly Edit[]; readonly edits: readonly Edit[] }> =
  fc.record({ start, edits: fc.array(later, { minLength: 5, maxLength: 20, size: 'max' }) });
