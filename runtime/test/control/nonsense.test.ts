import { load } from 'js-yaml';

import { Acceptance } from '../../src/control/acceptance';
import { Cluster, parseText } from '../../src/source';

/** What is told of one object of networking.istio.io, by path. */
function told(kind: string, spec: string): string[] {
  const object = { apiVersion: 'networking.istio.io/v1', kind, metadata: { name: 'it', namespace: 'shop' }, spec: load(spec) };
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
