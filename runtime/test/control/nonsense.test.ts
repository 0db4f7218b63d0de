import { load } from 'js-yaml';

import { Acceptance } from '../../src/control/acceptance';
import { Cluster, parseText } from '../../src/source';

/** What is told of one object of networking.istio.io, by path. */
function told(kind: string, spec: string): string[] {
  const object = { apiVersion: `networking.istio.io/${kind === 'EnvoyFilter' ? 'v1alpha3' : 'v1'}`, kind, metadata: { name: 'it', namespace: 'shop' }, spec: load(spec) };
  const { objects, problems } = parseText(JSON.stringify(object), { file: 'in.yaml', folder: '.' });
  const cluster = new Cluster();
  cluster.replace(objects);
  const warnings = new Acceptance().accept(cluster.snapshot()).problems.filter(({ severity }) => severity === 'warning');
  return [...problems, ...cluster.problems(), ...warnings].map(({ path, message }) => `${path}: ${message}`);
}

const route = 'route: [{ destination: { host: web.shop.svc.cluster.local } }]';
const rule = (more: string): string => `{ hosts: [web], http: [{ ${route}, ${more} }] }`;
const policy = (more: string): string => `{ host: web, trafficPolicy: ${more} }`;
const server = (more: string): string => `{ selector: { istio: edge }, servers: [${more}] }`;
const entry = (more: string): string => `{ hosts: [a.example.com], resolution: DNS, ports: [{ number: 80, name: http, protocol: HTTP }], ${more} }`;

const patch = (more: string): string => `{ configPatches: [{ ${more}, patch: { operation: MERGE, value: {} } }] }`;

test.each([
  ['VirtualService', '{ hosts: [web] }', /^spec: has none of http, tcp and tls/],
  ['VirtualService', `{ hosts: ['*'], http: [{ ${route} }] }`, /^spec\.hosts\[0\]: is \* for the whole mesh/],
  ['VirtualService', `{ hosts: [a.com, a.com], http: [{ ${route} }] }`, /^spec\.hosts\[1\]: 'a\.com' overlaps with 'a\.com'/],
  ['VirtualService', `{ hosts: ['*.a.com', b.a.com], http: [{ ${route} }] }`, /^spec\.hosts\[1\]: 'b\.a\.com' overlaps with '\*\.a\.com'/],
  ['VirtualService', `{ hosts: [a.com], tls: [{ match: [{ sniHosts: [b.com] }], ${route} }] }`, /sniHosts\[0\]: 'b\.com' is none of the hosts, which are a\.com/],
  ['VirtualService', rule('rewrite: {}'), /^spec\.http\[0\]\.rewrite: has none of/],
  ['VirtualService', rule('rewrite: { uri: /a, uriRegexRewrite: { match: a, rewrite: b } }'), /^spec\.http\[0\]\.rewrite: has uri and uriRegexRewrite/],
  ['VirtualService', '{ hosts: [web], http: [{ redirect: {} }] }', /^spec\.http\[0\]\.redirect: has none of/],
  ['VirtualService', rule('fault: {}'), /^spec\.http\[0\]\.fault: has neither/],
  ['VirtualService', rule('mirror: { host: web }, mirrors: [{ destination: { host: web } }]'), /^spec\.http\[0\]\.mirrors: stands beside mirror/],
  ['VirtualService', rule('corsPolicy: { allowMethods: [FLY] }'), /allowMethods\[0\]: 'FLY' is none of GET/],
  ['VirtualService', rule('corsPolicy: { maxAge: 1.5s }'), /maxAge: 1\.5s is no whole number of seconds/],
  ['VirtualService', rule('match: [{ uri: { prefix: "" } }]'), /uri\.prefix: is empty/],
  ['VirtualService', rule('match: [{ headers: { "x y": { exact: a } } }]'), /headers: 'x y' is no name of a header/],
  ['VirtualService', rule('headers: { request: { set: { ":path": /x } } }'), /request\.set: ':path' is no header that a rule may change/],
  ['VirtualService', rule('headers: { response: { set: { host: x } } }'), /response\.set: 'host' is no header that a rule may change/],
  ['DestinationRule', policy('{}'), /^spec\.trafficPolicy: is empty/],
  ['DestinationRule', policy('{ connectionPool: {} }'), /^spec\.trafficPolicy\.connectionPool: is empty/],
  ['DestinationRule', policy('{ tunnel: { targetHost: a.com, targetPort: 80 }, proxyProtocol: { version: V1 } }'), /tunnel and proxyProtocol/],
  ['DestinationRule', policy('{ connectionPool: { http: { h2UpgradePolicy: UPGRADE, useClientProtocol: true } } }'), /useClientProtocol: is true beside/],
  ['DestinationRule', policy('{ portLevelSettings: [{ port: { number: 80 } }] }'), /portLevelSettings\[0\]: has settings for nothing/],
  ['DestinationRule', policy('{ portLevelSettings: [{ loadBalancer: { simple: RANDOM } }] }'), /portLevelSettings\[0\]\.port\.number: is required/],
  ['DestinationRule', policy('{ tls: { mode: MUTUAL, credentialName: a, clientCertificate: /c, privateKey: /k } }'), /^spec\.trafficPolicy\.tls: has credentialName/],
  ['DestinationRule', '{ host: web, exportTo: [., "*"] }', /^spec\.exportTo: has \* beside others/],
  ['DestinationRule', '{ host: web, exportTo: ["*"], workloadSelector: { matchLabels: { app: a } } }', /^spec\.exportTo: has '\*', but a rule with a workloadSelector/],
  ['Gateway', server('{ port: { number: 80, name: http, protocol: HTTP }, hosts: [] }'), /^spec\.servers\[0\]\.hosts: is empty/],
  ['Gateway', server('{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["a_b!"] }'), /hosts\[0\]: 'a_b!' is no host name/],
  ['Gateway', server('{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"], tls: { mode: SIMPLE, credentialName: c } }'), /servers\[0\]\.tls: has no effect on a port of protocol HTTP/],
  ['Gateway', server('{ port: { number: 80, name: x, protocol: HTPT }, hosts: ["*"] }'), /port\.protocol: 'HTPT' is none of HTTP/],
  ['ServiceEntry', '{ hosts: [a.example.com], resolution: DNS }', /^spec\.ports: is empty/],
  ['ServiceEntry', '{ hosts: [a.example.com], resolution: DNS, ports: [{ number: 80, name: x, protocol: HTPT }] }', /ports\[0\]\.protocol: 'HTPT' is no protocol/],
  ['ServiceEntry', entry('endpoints: [{ address: b.example.com, ports: { other: 1 } }]'), /endpoints\[0\]\.ports\.other: is for no port of the entry: those are called http/],
  ['ServiceEntry', '{ hosts: [a.com, b.com], resolution: DNS, ports: [{ number: 9, name: t, protocol: TCP }] }', /^spec\.hosts: has 2 hosts, which connections to port 9 do not name/],
  ['ServiceEntry', '{ hosts: [a.com], resolution: DYNAMIC_DNS, ports: [{ number: 80, name: http, protocol: HTTP }] }', /hosts\[0\]: 'a\.com' is no pattern/],
  ['Sidecar', '{}', /^spec: has none of egress/],
  ['Sidecar', '{ egress: [{ hosts: [] }] }', /^spec\.egress\[0\]\.hosts: is empty/],
  ['Sidecar', '{ egress: [{ hosts: [./*] }, { port: { number: 80, name: http, protocol: HTTP }, hosts: ["*/*"] }] }', /^spec\.egress\[0\]: has no port/],
  ['Sidecar', '{ ingress: [{ port: { number: 9, name: t, protocol: TCP }, defaultEndpoint: 10.1.1.1:1 }] }', /defaultEndpoint: '10\.1\.1\.1:1' is not the workload itself/],
  ['Sidecar', '{ egress: [{ hosts: [./*] }], outboundTrafficPolicy: { mode: REGISTRY_ONLY, egressProxy: { host: a, port: { number: 1 } } } }', /egressProxy: has no effect/],
  ['VirtualService', `{ hosts: [web_a.com], http: [{ ${route} }] }`, /^spec\.hosts\[0\]: 'web_a\.com' is no name of DNS/],
  ['VirtualService', `{ hosts: [web.123], http: [{ ${route} }] }`, /^spec\.hosts\[0\]: 'web\.123' is no name of DNS/],
  ['VirtualService', `{ hosts: [web], exportTo: [., shop], http: [{ ${route} }] }`, /^spec\.exportTo\[1\]: 'shop' is in the list before, which '\.' and 'shop'/],
  ['VirtualService', `{ hosts: [web], exportTo: ['~'], http: [{ ${route} }] }`, /^spec\.exportTo\[0\]: '~' is nobody/],
  ['VirtualService', `{ hosts: [web], exportTo: [a_b], http: [{ ${route} }] }`, /^spec\.exportTo\[0\]: 'a_b' is no namespace/],
  ['VirtualService', rule('match: [{ method: { prefix: "" } }]'), /match\[0\]\.method\.prefix: is empty/],
  ['VirtualService', rule('match: [{ withoutHeaders: { a: { regex: "" } } }]'), /withoutHeaders\.a\.regex: is empty/],
  ['VirtualService', rule(`match: [{ uri: { regex: ${'a'.repeat(1025)} } }]`), /uri\.regex: has more than 1024/],
  ['VirtualService', rule('match: [{ port: 70000 }]'), /match\[0\]\.port: is 70000/],
  ['VirtualService', rule('match: [{ sourceLabels: { "a*": b } }]'), /sourceLabels: 'a\*' is no key of a label/],
  ['VirtualService', rule('match: [{ gateways: [a/b/c] }]'), /gateways\[0\]: 'a\/b\/c' can be no Gateway/],
  ['VirtualService', rule('match: [{ sourceNamespace: a_b }]'), /sourceNamespace: 'a_b' is no namespace/],
  ['VirtualService', rule('headers: { request: { set: { a: "x\\u0001" } } }'), /set\.a: has a character/],
  ['VirtualService', rule('headers: { request: { set: { Host: a } } }, rewrite: { authority: b }'), /headers\.request\.set\.Host: writes the host that rewrite\.authority writes/],
  ['VirtualService', rule('corsPolicy: { allowOrigins: [{ exact: "" }] }'), /allowOrigins\[0\]: names no origin/],
  ['VirtualService', rule('corsPolicy: { exposeHeaders: [a@b] }'), /exposeHeaders\[0\]: 'a@b' is no name of a header/],
  ['VirtualService', rule('fault: { abort: { httpStatus: 500, percentage: { value: 0.00001 } } }'), /percentage\.value: is 0\.00001, of which nothing is left/],
  ['VirtualService', rule('mirror: { host: web, port: { number: 0 } }'), /mirror\.port\.number: is 0/],
  ['VirtualService', '{ hosts: [web], http: [{ redirect: { uri: /a }, fault: { abort: { httpStatus: 500 } } }] }', /^spec\.http\[0\]\.fault: stands beside redirect/],
  ['VirtualService', '{ hosts: [web], http: [{ match: [{ uri: { exact: /a } }], redirect: { prefixRewrite: /b } }] }', /redirect\.prefixRewrite: takes the place of the prefix/],
  ['VirtualService', rule('timeout: 1.0001s'), /timeout: '1\.0001s' is no whole number of milliseconds/],
  ['VirtualService', rule('retries: { attempts: -1 }'), /retries\.attempts: is -1/],
  ['VirtualService', rule('retries: { attempts: 1, retryOn: "5xx, 503" }'), /retryOn: ' 503' is nothing to retry on/],
  ['VirtualService', rule('retries: { attempts: 1, retryOn: "599" }'), /retryOn: '599' is nothing to retry on/],
  ['VirtualService', '{ hosts: [a.com], tls: [{ match: [{ sniHosts: [] }], route: [{ destination: { host: web } }] }] }', /sniHosts: is empty/],
  ['VirtualService', '{ hosts: [web], http: [{ route: [{ destination: { host: web, subset: v1.2 }, weight: -1 }] }] }', /subset: 'v1\.2' is a name that Istio refuses.*such as v1-2/],
  ['DestinationRule', '{ host: web, exportTo: [a, a] }', /^spec\.exportTo\[1\]: 'a' is in the list before/],
  ['DestinationRule', '{ host: web, workloadSelector: { matchLabels: {} } }', /^spec\.workloadSelector\.matchLabels: has no labels/],
  ['DestinationRule', policy('{ outlierDetection: { consecutiveLocalOriginFailures: 3 } }'), /consecutiveLocalOriginFailures: counts what splitExternalLocalOriginErrors counts apart/],
  ['DestinationRule', policy('{ connectionPool: { http: { http2KeepAlive: { interval: 1s } } } }'), /http2KeepAlive\.timeout: is missing/],
  ['DestinationRule', policy('{ loadBalancer: { consistentHash: { httpCookie: { name: a, attributes: [{ name: x }, { name: x }] } } } }'), /attributes\[1\]\.name: 'x' stands before/],
  ['DestinationRule', policy('{ loadBalancer: { consistentHash: { useSourceIp: true, maglev: {} } } }'), /maglev\.tableSize: is missing/],
  ['DestinationRule', policy('{ loadBalancer: { simple: RANDOM, warmup: { duration: 1s, aggression: 0 } } }'), /warmup\.aggression: is 0/],
  ['DestinationRule', policy('{ tunnel: { targetHost: "*.a.com", targetPort: 80 } }'), /tunnel\.targetHost: '\*\.a\.com' is neither/],
  ['DestinationRule', policy('{ tls: { mode: SIMPLE, insecureSkipVerify: true, subjectAltNames: [a] } }'), /insecureSkipVerify: is true, so that nobody looks .* subjectAltNames/],
  ['Gateway', server('{ port: { number: 80, name: http, protocol: HTTP }, hosts: [short] }'), /hosts\[0\]: 'short' has no dot/],
  ['Gateway', server('{ port: { number: 80, name: http, protocol: HTTP }, hosts: [n_s/a.com] }'), /hosts\[0\]: 'n_s\/a\.com' begins with 'n_s'/],
  ['Gateway', server('{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }, { port: { number: 81, name: http, protocol: HTTP }, hosts: ["*"] }'), /servers\[1\]\.port\.name: 'http' is the name of a server before/],
  ['Gateway', server('{ port: { number: 80, name: http, protocol: HTTP }, bind: "unix:///a", hosts: ["*"] }'), /port\.number: is 80, but a socket has no port/],
  ['Gateway', server('{ port: { number: 443, name: s, protocol: HTTPS }, hosts: ["*"], tls: { credentialName: a } }'), /tls: has certificates, and with mode PASSTHROUGH/],
  ['ServiceEntry', '{ hosts: [10.1.1.1], resolution: DNS, ports: [{ number: 80, name: http, protocol: HTTP }] }', /^spec\.hosts\[0\]: '10\.1\.1\.1' is an address/],
  ['ServiceEntry', '{ hosts: [a.com], resolution: DNS, ports: [{ number: 80, name: A_b, protocol: HTTP }] }', /ports\[0\]\.name: 'A_b' is no name of a port/],
  ['ServiceEntry', entry('exportTo: ["~", a]'), /^spec\.exportTo: has ~ beside others/],
  ['ServiceEntry', entry('endpoints: [{ address: "*.b.com" }]'), /endpoints\[0\]\.address: '\*\.b\.com' is neither/],
  ['ServiceEntry', '{ hosts: ["*.a.com"], resolution: DYNAMIC_DNS, ports: [{ number: 443, name: s, protocol: HTTPS }] }', /ports\[0\]\.protocol: 'HTTPS' of port 443 is none of HTTP, TLS, GRPC, HTTP2/],
  ['Sidecar', '{ egress: [{ hosts: [./web] }] }', /hosts\[0\]: 'web' is no whole name/],
  ['Sidecar', '{ egress: [{ hosts: [a_b/*] }] }', /hosts\[0\]: 'a_b\/\*' begins with no namespace/],
  ['Sidecar', '{ egress: [{ port: { number: 80, protocol: HTTP }, hosts: [./*] }, { port: { number: 80, protocol: HTTP }, hosts: [./*] }] }', /^spec\.egress\[1\]: is a second listener for port 80/],
  ['Sidecar', '{ ingress: [{ port: { number: 80, name: a, protocol: HTTP } }, { port: { number: 80, name: b, protocol: HTTP } }] }', /^spec\.ingress\[1\]\.port\.number: 80 has a listener before/],
  ['Sidecar', '{ ingress: [{ port: { number: 80, name: a, protocol: HTTPS }, tls: { mode: SIMPLE, credentialName: a } }] }', /tls\.credentialName: is taken here, and Istio refuses it/],
  ['Sidecar', '{ inboundConnectionPool: {} }', /^spec\.inboundConnectionPool: is empty/],
  ['Sidecar', '{ outboundTrafficPolicy: { mode: ALLOW_ANY, egressProxy: { host: "*.a.com" } } }', /egressProxy\.host: '\*\.a\.com' is neither/],
  ['EnvoyFilter', patch('applyTo: CLUSTER, match: { listener: { portNumber: 80 } }'), /match\.listener: says nothing of CLUSTER/],
  ['EnvoyFilter', patch('applyTo: HTTP_FILTER, match: { listener: { filterChain: { filter: { name: x, subFilter: { name: y } } } } }'), /subFilter: is a filter of envoy\.filters\.network\.http_connection_manager, got x/],
  ['WorkloadEntry', '{ address: 10.0.0.300 }', /^spec\.address: '10\.0\.0\.300' is neither/],
  ['WorkloadEntry', '{ address: 10.0.0.3, labels: { a: "b c" } }', /^spec\.labels: 'b c' is no value of a label/],
  ['WorkloadGroup', '{ template: {}, probe: {} }', /^spec\.probe: says not how to look/],
  ['WorkloadGroup', '{ template: {}, probe: { grpc: { port: 80 } } }', /^spec\.probe\.grpc: is looked at here/],
])('%s %s', (kind, spec, expected) => {
  expect(told(kind, spec)).toContainEqual(expect.stringMatching(expected));
});

test.each([
  ['VirtualService', rule('headers: { request: { set: { Host: a, ":authority": b } } }')],
  ['VirtualService', `{ hosts: [a.com, '*.a.com', b.com], http: [{ ${route}, match: [{ headers: { "@request.auth.claims[groups]": { exact: a }, ":path": { exact: /a }, x-one: { exact: b } } }], corsPolicy: { maxAge: 24h } }] }`],
  ['VirtualService', `{ hosts: ['*'], gateways: [edge], http: [{ ${route} }] }`],
  ['ServiceEntry', entry('endpoints: [{ address: b.example.com, ports: { http: 8080 } }]')],
  ['Sidecar', '{ ingress: [{ port: { number: 9, name: t, protocol: TCP }, defaultEndpoint: "[::1]:80" }, { port: { number: 10, name: u, protocol: TCP }, defaultEndpoint: "unix:///a" }] }'],
])('%s %s is as it should be', (kind, spec) => {
  expect(told(kind, spec).filter((text) => /overlaps|no name|no header|whole|is \*|no port of|not the workload/.test(text))).toEqual([]);
});

test.each([
  ['trustDomain: ""', /trustDomain: is empty/],
  ['trustDomainAliases: [""]', /trustDomainAliases\[0\]: is empty/],
  ['protocolDetectionTimeout: 0.0001s', /protocolDetectionTimeout: '0\.0001s' is no whole number/],
  ['meshMTLS: { ecdhCurves: [P-256] }', /meshMTLS\.ecdhCurves: is taken here/],
  ['defaultTrafficPolicy: { connectionPool: {} }', /defaultTrafficPolicy\.connectionPool: is empty/],
  ['defaultTrafficPolicy: { outlierDetection: { interval: 0s } }', /outlierDetection\.interval: is 0s/],
  ['defaultConfig: { discoveryAddress: istiod }', /discoveryAddress: 'istiod' is not of the form HOST:PORT/],
  ['defaultConfig: { tracing: { zipkin: { address: "a:0" } } }', /zipkin\.address: is 0/],
])('MeshConfig %s', (mesh, expected) => {
  const cluster = new Cluster();
  cluster.replace(parseText(JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'istio', namespace: 'istio-system' }, data: { mesh } }), { file: 'in.yaml', folder: '.' }).objects);
  expect(new Acceptance().accept(cluster.snapshot()).problems.map(({ path, message }) => `${path}: ${message}`)).toContainEqual(expect.stringMatching(expected));
});
