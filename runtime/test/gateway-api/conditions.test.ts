import { readMesh } from '../../src/compile';
import { Cluster, parseText } from '../../src/source';

const GATEWAY = (spec: string) => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec: ${spec}
`;
const HTTP = GATEWAY('{ gatewayClassName: istio, listeners: [{ name: http, port: 80, protocol: HTTP, hostname: a.example.com }] }');
const WEB = `---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { ports: [{ name: http, port: 80 }] }
`;
const ROUTE = (spec: string) => `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: route }
spec: ${spec}
${WEB}`;
const ENTRY = `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: out }
spec: { hosts: [out.example.com], resolution: DNS, ports: [{ number: 443, name: https, protocol: HTTP }] }
`;
const SET = (name: string, parent: string, listener: string) => `---
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: { name: ${name} }
spec: { parentRef: { name: ${parent} }, listeners: [${listener}] }
`;
const POLICY = (name: string, target: string, annotations = '{}') => `---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: { name: ${name}, annotations: ${annotations} }
spec: { targetRefs: [${target}], validation: { hostname: web.example.com, wellKnownCACertificates: System } }
`;

function cluster(text: string): Cluster {
  const all = new Cluster();
  all.apply(parseText(text, { file: 'in.yaml', folder: '/' }).objects);
  return all;
}

/** `Type=Status Reason` of an object of that kind, or of its listener or parent. */
function conditions(text: string, kind: string, of: 'object' | 'listener' | 'parent'): string[] {
  const found = readMesh(cluster(text).snapshot()).statuses().find((one) => one.resource.kind === kind && one.part.of === of);
  return (found?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`);
}

test('a Gateway that is deployed', () => {
  expect(conditions(HTTP, 'Gateway', 'object')).toEqual(['Accepted=True Accepted', 'Programmed=True Programmed', 'ResolvedRefs=True ResolvedRefs']);
});

test.each([
  ['a Service that is not there', '{ gatewayClassName: istio, addresses: [{ type: Hostname, value: none }], listeners: [{ name: http, port: 80, protocol: HTTP }] }', 'Programmed=False AddressNotUsable'],
  ['addresses of another type', '{ gatewayClassName: istio, addresses: [{ type: example.com/other, value: none }], listeners: [{ name: http, port: 80, protocol: HTTP }] }', 'Accepted=False UnsupportedAddress'],
  ['parameters that are not there', '{ gatewayClassName: istio, infrastructure: { parametersRef: { group: "", kind: ConfigMap, name: none } }, listeners: [{ name: http, port: 80, protocol: HTTP }] }', 'Accepted=False InvalidParameters'],
  ['no valid listener', '{ gatewayClassName: istio, listeners: [{ name: x, port: 80, protocol: example.com/UDP }] }', 'Accepted=False ListenersNotValid'],
  ['one valid listener of two', '{ gatewayClassName: istio, listeners: [{ name: a, port: 80, protocol: HTTP }, { name: b, port: 80, protocol: TCP }] }', 'Accepted=True ListenersNotValid'],
  ['a port that its Service has not', '{ gatewayClassName: istio, addresses: [{ type: Hostname, value: web }], listeners: [{ name: x, port: 8080, protocol: HTTP }] }', 'Programmed=False AddressNotUsable'],
  ['a certificate for backends that is not there', '{ gatewayClassName: istio, tls: { backend: { clientCertificateRef: { name: none } } }, listeners: [{ name: http, port: 80, protocol: HTTP }] }', 'ResolvedRefs=False InvalidClientCertificateRef'],
  ['clients whose certificates nobody checks', '{ gatewayClassName: istio, tls: { frontend: { default: { validation: { mode: AllowInsecureFallback, caCertificateRefs: [{ group: "", kind: ConfigMap, name: ca }] } } } }, listeners: [{ name: http, port: 80, protocol: HTTP }] }', 'InsecureFrontendValidationMode=True ConfigurationChanged'],
])('a Gateway with %s', (_name, spec, expected) => {
  expect(conditions(GATEWAY(spec) + WEB, 'Gateway', 'object')).toContain(expected);
});

test.each([
  ['a protocol that is none', '{ name: x, port: 80, protocol: example.com/UDP }', 'Accepted=False UnsupportedProtocol'],
  ['a certificate that is not there', '{ name: x, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: none }] } }', 'ResolvedRefs=False InvalidCertificateRef'],
  ['kinds that it cannot take', '{ name: x, port: 80, protocol: HTTP, allowedRoutes: { kinds: [{ kind: TCPRoute }] } }', 'ResolvedRefs=False InvalidRouteKinds'],
])('a listener with %s', (_name, listener, expected) => {
  expect(conditions(GATEWAY(`{ gatewayClassName: istio, listeners: [${listener}] }`), 'Gateway', 'listener')).toContain(expected);
});

test.each([
  ['a route that is well', '{ parentRefs: [{ name: edge }], rules: [{ backendRefs: [{ name: web, port: 80 }] }] }', ['Accepted=True Accepted', 'ResolvedRefs=True ResolvedRefs']],
  ['a section that is not there', '{ parentRefs: [{ name: edge, sectionName: none }], rules: [{ backendRefs: [{ name: web, port: 80 }] }] }', ['Accepted=False NoMatchingParent', 'ResolvedRefs=True ResolvedRefs']],
  ['hostnames of another listener', '{ parentRefs: [{ name: edge }], hostnames: [b.example.com] }', ['Accepted=False NoMatchingListenerHostname', 'ResolvedRefs=True ResolvedRefs']],
  ['a backend that is not there', '{ parentRefs: [{ name: edge }], rules: [{ backendRefs: [{ name: none, port: 80 }] }] }', ['Accepted=True Accepted', 'ResolvedRefs=False BackendNotFound']],
  ['a backend of another kind', '{ parentRefs: [{ name: edge }], rules: [{ backendRefs: [{ kind: Bucket, group: example.com, name: b, port: 80 }] }] }', ['Accepted=True Accepted', 'ResolvedRefs=False InvalidKind']],
  ['a backend of another namespace', '{ parentRefs: [{ name: edge }], rules: [{ backendRefs: [{ name: web, namespace: shop, port: 80 }] }] }', ['Accepted=True Accepted', 'ResolvedRefs=False RefNotPermitted']],
  ['a filter of somebody else', '{ parentRefs: [{ name: edge }], rules: [{ filters: [{ type: ExtensionRef, extensionRef: { group: example.com, kind: F, name: f } }], backendRefs: [{ name: web, port: 80 }] }] }', ['Accepted=True Accepted', 'ResolvedRefs=False InvalidFilter']],
  ['a header with a line break', '{ parentRefs: [{ name: edge }], rules: [{ filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: x, value: "a\\nb" }] } }], backendRefs: [{ name: web, port: 80 }] }] }', ['Accepted=True Accepted', 'ResolvedRefs=False InvalidFilter']],
  ['such a header for a backend', '{ parentRefs: [{ name: edge }], rules: [{ backendRefs: [{ name: web, port: 80, filters: [{ type: ResponseHeaderModifier, responseHeaderModifier: { add: [{ name: x, value: "a\\nb" }] } }] }] }] }', ['Accepted=True Accepted', 'ResolvedRefs=False InvalidFilter']],
  ['a Service that is not there', "{ parentRefs: [{ group: '', kind: Service, name: none }] }", ['Accepted=False NoMatchingParent', 'ResolvedRefs=True ResolvedRefs']],
])('%s', (_name, spec, expected) => {
  expect(conditions(HTTP + ROUTE(spec), 'HTTPRoute', 'parent')).toEqual(expected);
});

test.each([
  ['a name that the Gateway has', '{ name: x, port: 80, protocol: HTTP, hostname: a.example.com }', ['Accepted=False ListenersNotValid', 'Programmed=False ListenersNotValid']],
  ['HTTPS without certificates', '{ name: x, port: 443, protocol: HTTPS }', ['Accepted=False ListenersNotValid', 'Programmed=False ListenersNotValid']],
  ['a name of its own', '{ name: x, port: 80, protocol: HTTP, hostname: b.example.com }', ['Accepted=True Accepted', 'Programmed=True Programmed']],
])('a ListenerSet with %s', (_name, listener, expected) => {
  const gateway = GATEWAY('{ gatewayClassName: istio, allowedListeners: { namespaces: { from: All } }, listeners: [{ name: http, port: 80, protocol: HTTP, hostname: a.example.com }] }');
  expect(conditions(gateway + SET('set', 'edge', listener), 'ListenerSet', 'object')).toEqual(expected);
});

test('a listener that gave way takes nothing from others', () => {
  const gateway = GATEWAY('{ gatewayClassName: istio, allowedListeners: { namespaces: { from: All } }, listeners: [{ name: http, port: 80, protocol: HTTP }] }');
  const sets = SET('a', 'edge', '{ name: x, port: 80, protocol: TCP }, { name: y, port: 81, protocol: TCP }') + SET('b', 'edge', '{ name: x, port: 80, protocol: HTTP, hostname: b.example.com }');
  const found = readMesh(cluster(gateway + sets).snapshot()).statuses().filter(({ part }) => part.of === 'listener');
  expect(found.map(({ resource, conditions: [accepted] }) => `${resource.name} ${accepted.reason}`)).toEqual(['edge Accepted', 'a ProtocolConflict', 'a Accepted', 'b Accepted']);
});

test.each([
  ['TCP where TCP is', '{ name: a, port: 81, protocol: TCP }', '{ name: b, port: 81, protocol: TCP }', 'ProtocolConflict'],
  ['HTTPS where TLS of that name is', '{ name: a, port: 443, protocol: TLS, tls: { mode: Passthrough } }', '{ name: b, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: none }] } }', 'ProtocolConflict'],
  ['a name that is there', '{ name: a, port: 80, protocol: HTTP, hostname: a.example.com }', '{ name: b, port: 80, protocol: HTTP, hostname: a.example.com }', 'HostnameConflict'],
])('a ListenerSet with %s', (_name, first, second, expected) => {
  const gateway = GATEWAY(`{ gatewayClassName: istio, allowedListeners: { namespaces: { from: All } }, listeners: [${first}] }`);
  const found = readMesh(cluster(gateway + SET('set', 'edge', second)).snapshot()).statuses().filter(({ part }) => part.of === 'listener');
  expect(found[1].conditions.find(({ type }) => type === 'Conflicted')).toMatchObject({ status: 'True', reason: expected });
});

/** A Gateway whose Service stands already, with port 80. */
const STANDING = (listeners: string) =>
  GATEWAY(`{ gatewayClassName: istio, addresses: [{ type: Hostname, value: web }], allowedListeners: { namespaces: { from: All } }, listeners: [${listeners}] }`) + WEB;
const PLAIN = '{ name: http, port: 80, protocol: HTTP }';

test.each([
  ['a listener without its certificate', STANDING(`${PLAIN}, { name: x, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: none }] } }`), 'port 443 not found'],
  ['a listener of a ListenerSet', STANDING(PLAIN) + SET('set', 'edge', '{ name: x, port: 81, protocol: HTTP }'), 'port 81 not found'],
])('a Service without the port of %s', (_name, text, expected) => {
  const found = readMesh(cluster(text).snapshot()).statuses().find(({ resource, part }) => resource.kind === 'Gateway' && part.of === 'object');
  expect(found?.conditions.find(({ type }) => type === 'Programmed')).toMatchObject({ reason: 'AddressNotUsable', message: expect.stringContaining(expected) });
});

test('ListenerSets count that have a listener which works', () => {
  const sets = SET('good', 'edge', '{ name: x, port: 81, protocol: HTTP }') + SET('bad', 'edge', '{ name: x, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: none }] } }');
  const found = readMesh(cluster(STANDING(PLAIN) + sets).snapshot()).statuses().find(({ resource, part }) => resource.kind === 'Gateway' && part.of === 'object');
  expect(found?.part).toMatchObject({ attachedListenerSets: 1 });
});

test('a policy is one of the Gateways whose routes lead to its target', () => {
  const text = HTTP + ROUTE('{ parentRefs: [{ name: edge }], rules: [{ backendRefs: [{ name: web, port: 80 }] }] }') + POLICY('one', '{ group: "", kind: Service, name: web }');
  const found = readMesh(cluster(text).snapshot()).statuses().filter(({ resource }) => resource.kind === 'BackendTLSPolicy');
  expect(found.map(({ part, conditions: [{ reason }] }) => part.of === 'parent' && `${part.ref.kind} ${part.ref.name} ${reason}`)).toEqual(['Service web Accepted', 'Gateway edge Accepted']);
});

test.each([
  ['of two for one Service the first', POLICY('one', '{ group: "", kind: Service, name: web }') + POLICY('two', '{ group: "", kind: Service, name: web }'), ['Accepted=True Accepted', 'Accepted=False Conflicted']],
  ['one that Istio shall leave alone', POLICY('one', '{ group: "", kind: Service, name: web }', '{ istio.io/ignore-policy-attachment: "true" }'), ['Accepted=False IgnoredByIstio']],
  ['a kind that cannot be called', POLICY('one', '{ group: example.com, kind: Bucket, name: web }'), ['Accepted=False TargetNotFound']],
  ['a ServiceEntry', POLICY('one', '{ group: networking.istio.io, kind: ServiceEntry, name: out, sectionName: https }') + ENTRY, ['Accepted=True Accepted']],
])('BackendTLSPolicy: %s', (_name, text, expected) => {
  const found = readMesh(cluster(WEB + text).snapshot()).statuses().filter(({ resource }) => resource.kind === 'BackendTLSPolicy');
  expect(found.map(({ conditions: [{ type, status, reason }] }) => `${type}=${status} ${reason}`)).toEqual(expected);
});

test('an edit of listeners is one of the Service; what the user wrote himself stays', () => {
  const all = cluster(HTTP);
  const ports = () => (all.snapshot().kinds.get('/Service')?.get('default/edge-istio')?.spec as { ports: { port: number }[] } | undefined)?.ports.map(({ port }) => port);
  const apply = (text: string) => all.replace(parseText(text, { file: 'in.yaml', folder: '/' }).objects);
  expect(ports()).toEqual([15021, 80]);
  apply(GATEWAY('{ gatewayClassName: istio, listeners: [{ name: http, port: 80, protocol: HTTP }, { name: more, port: 8080, protocol: HTTP }] }'));
  expect(ports()).toEqual([15021, 80, 8080]);
  apply(`${HTTP}---\napiVersion: v1\nkind: Service\nmetadata: { name: edge-istio }\nspec: { ports: [{ name: own, port: 1 }] }\n`);
  expect(ports()).toEqual([1]);
  apply(GATEWAY('{ gatewayClassName: other, listeners: [{ name: http, port: 80, protocol: HTTP }] }'));
  expect(all.snapshot().kinds.get('/Pod')).toBeUndefined();
});

test.each([
  ['63 characters with its class', 'a'.repeat(57), '', undefined],
  ['64 characters with its class', 'a'.repeat(58), '', 'has 64 characters'],
  ['64, and another name for its Service', 'a'.repeat(58), 'gateway.istio.io/name-override: short', undefined],
  ['more than the value of a label', 'a'.repeat(64), 'gateway.istio.io/name-override: short', 'has 64 characters, and it is the value of the label'],
  ['dots, which Services do not have', 'edge.shop', '', '"edge.shop-istio"'],
])('a Gateway whose name has %s', (_name, name, annotation, expected) => {
  const text = HTTP.replace('name: edge', `name: ${name}, annotations: { ${annotation} }`);
  const snapshot = cluster(text).snapshot();
  const { problems } = readMesh(snapshot);
  expect(problems.map(({ path, message }) => ({ path, message }))).toEqual(expected === undefined ? [] : [{ path: 'metadata.name', message: expect.stringContaining(expected) }]);
  expect(snapshot.kinds.get('/Service')?.size ?? 0).toBe(expected === undefined ? 1 : 0);
  expect(conditions(text, 'Gateway', 'object')).toContain(expected === undefined ? 'Programmed=True Programmed' : 'Programmed=False AddressNotUsable');
});
