import { load } from 'js-yaml';
import { checkResource } from '../../../imports/checks';
import { Compiler } from '../../src/compile';
import { inlineBootstrap } from '../../src/envoy';
import type { Problem } from '../../src/model/problem';
import type { Resource } from '../../src/model/resource';
import { TestCertificates } from '../cases/certificates';
import { validate } from '../envoy/envoy-validate';
import { EMPTY, edit, object, proxy, service } from './fixtures';

jest.setTimeout(120_000);

/** What the schemas let through and Envoy would refuse, with everything that stands in the same resource; or what only looks like that. */
const HTTP = [
  'headers: { request: { set: { x: "50%" } } }', 'headers: { request: { set: { x: "%FOO%" } } }', 'headers: { request: { set: { x: "%REQ()%" } } }',
  'headers: { request: { set: { "": a } } }', 'headers: { request: { set: { x: "a\\nb" } } }', 'headers: { request: { set: { host: "a\\nb" } } }',
  'headers: { response: { remove: ["a\\nb", ""] } }', 'match: [{ headers: { "": { exact: a } } }]', 'match: [{ headers: { "x\\ny": { exact: a } } }]',
  'match: [{ headers: { "x\\ny": {} }, uri: { prefix: /x } }, { uri: { prefix: /y } }]', 'match: [{ queryParams: { "": { exact: "" } } }]',
  'directResponse: { status: 1000 }', 'directResponse: { status: 99 }', 'fault: { abort: { httpStatus: 1000, percentage: { value: 1 } } }',
  'fault: { abort: { httpStatus: 500, percentage: { value: -1 } } }', 'fault: { delay: { fixedDelay: 1s, percentage: { value: 1000 } } }',
  'redirect: { uri: "a\\nb" }', 'redirect: { authority: "a\\nb" }', 'redirect: { port: 100000 }', 'rewrite: { uri: "a\\nb" }',
  'rewrite: { authority: "a\\nb" }', 'rewrite: { uriRegexRewrite: { rewrite: x } }', 'mirror: { host: web }, mirrorPercentage: { value: 1000 }',
];
/** Unusual, but good. */
const UNUSUAL_HTTP = [
  'headers: { request: { set: { x: "%REQ(x-y)% at %START_TIME%, 50%%" } } }', 'headers: { request: { set: { x: "" } } }',
  'match: [{ headers: { x: { prefix: "" } } }]', 'match: [{ headers: { x: { regex: "" } } }]', 'match: [{ uri: { prefix: "" } }]', 'match: [{ uri: { regex: "" } }]',
  'match: [{ method: { prefix: "" } }]', 'match: [{ queryParams: { x: { prefix: "" } } }]', 'retries: { attempts: 1, retryOn: "reset, 451" }',
  'corsPolicy: { allowOrigins: [{ prefix: "" }] }', 'name: "a\\nb"', 'match: [{ uri: { exact: "/a?b#c" }, statPrefix: "a b" }]',
];
const POLICIES = [
  'connectionPool: { tcp: { maxConnections: -1 } }', 'connectionPool: { http: { maxConcurrentStreams: -1 } }', 'outlierDetection: { maxEjectionPercent: 1000 }',
  'outlierDetection: { minHealthPercent: -5 }', 'loadBalancer: { consistentHash: { httpHeaderName: "a\\nb" } }',
  'loadBalancer: { consistentHash: { httpHeaderName: x, minimumRingSize: 99999999 } }', 'loadBalancer: { consistentHash: { httpHeaderName: x, maglev: { tableSize: 100 } } }',
  'loadBalancer: { consistentHash: { httpHeaderName: x, maglev: { tableSize: 9999991 } } }', 'loadBalancer: { consistentHash: { httpCookie: { name: "", ttl: 0s } } }',
  `tls: { mode: SIMPLE, sni: "${'a'.repeat(300)}" }`,
];
const UNUSUAL_POLICIES = [
  'connectionPool: { http: { http2KeepAlive: { interval: 1s } } }', 'connectionPool: { http: { maxConcurrentStreams: 1, useClientProtocol: true, h2UpgradePolicy: UPGRADE } }',
  'loadBalancer: { consistentHash: { httpCookie: { name: "a b", ttl: 0s, attributes: [{ name: "" }] } } }', 'outlierDetection: {}',
];
const SERVERS = [
  'bind: nonsense, hosts: ["*"], port: { name: a, protocol: HTTP', 'hosts: ["*foo.com", "a*b"], tls: { mode: SIMPLE, serverCertificate: a, privateKey: b }, port: { name: a, protocol: HTTPS',
  'hosts: [a.com], tls: { mode: SIMPLE, serverCertificate: a, privateKey: b, cipherSuites: [NOPE] }, port: { name: a, protocol: HTTPS',
  'hosts: [a.com], tls: { mode: MUTUAL, serverCertificate: a, privateKey: b, caCertificates: c, verifyCertificateHash: [x], verifyCertificateSpki: [y] }, port: { name: a, protocol: HTTPS',
];
const OTHERS: readonly (readonly [kind: string, spec: string])[] = [
  ['ServiceEntry', '{ hosts: [a.b], addresses: [x], ports: [{ number: 80, name: http, protocol: HTTP }], resolution: STATIC, endpoints: [{ address: host.example.com }] }'],
  ['ServiceEntry', '{ hosts: ["*.b"], addresses: [x], ports: [{ number: 81, name: tls, protocol: TLS }], resolution: NONE }'],
  ['VirtualService', '{ hosts: [web0], tls: [{ match: [{ sniHosts: ["*foo", "a b"], destinationSubnets: [x] }], route: [{ destination: { host: web0 } }] }], tcp: [{ match: [{ destinationSubnets: [x] }], route: [{ destination: { host: web0 } }] }] }'],
  ['Sidecar', '{ ingress: [{ port: { number: 9999, protocol: HTTP, name: x }, defaultEndpoint: "nonsense:80" }], egress: [{ hosts: ["*/*"] }] }'],
  ['Sidecar', '{ ingress: [{ port: { number: 9998, protocol: HTTP, name: x }, defaultEndpoint: "unix://" }], egress: [{ hosts: ["*/*"] }] }'],
  ['Sidecar', '{ ingress: [{ port: { protocol: HTTP, name: x } }, { port: { number: 65536, protocol: HTTP, name: y } }], egress: [{ hosts: ["*/*"] }] }'],
  ['ServiceEntry', '{ hosts: [".*"], ports: [{ number: 443, name: tls, protocol: TLS }], resolution: DNS }'],
  ['Sidecar', '{ egress: [{ bind: nonsense, port: { number: 9999, protocol: HTTP, name: x }, hosts: ["./*"] }] }'],
];

const certificates = new TestCertificates();

afterAll(() => certificates.remove());

/** What Envoys say that get these objects, and what users hear. */
async function outcome(resources: readonly Resource[]): Promise<{ refused: string; problems: readonly Problem[] }> {
  const services = resources.map((_one, i) => service(`web${i}`, `10.96.0.${i + 1}`, [{ name: 'http', port: 8000 }, { name: 'tcp', port: 9000 }]));
  const snapshot = edit(EMPTY, { put: [service('web', '10.96.1.1'), ...services, ...resources] });
  const compiler = new Compiler();
  const answers = await Promise.all([proxy('client'), proxy('edge', { app: 'edge' }, 'router')].map(async (client) => {
    const { configuration } = compiler.compile(snapshot, client);
    return validate(await certificates.putInto(inlineBootstrap({ node: { id: 'a', cluster: 'a' } }, configuration)));
  }));
  return { refused: answers.join(''), problems: compiler.problems(snapshot) };
}

function parsed(kind: string, spec: string, i: number): Resource {
  const resource = object(kind, `x${i}`, load(spec) as object);
  // What a schema refuses never comes here.
  expect(checkResource(resource)).toEqual([]);
  return resource;
}

function rule(body: string, i: number): Resource {
  const route = /directResponse|redirect/.test(body) ? '' : `, route: [{ destination: { host: web${i} } }]`;
  return parsed('VirtualService', `{ hosts: [web${i}], http: [{ ${body}${route} }] }`, i);
}

const policy = (body: string, i: number) => parsed('DestinationRule', `{ host: web${i}, trafficPolicy: { ${body} } }`, i);
const gateway = (body: string, i: number) => parsed('Gateway', `{ selector: { app: edge }, servers: [{ ${body}, number: ${8100 + i} } }] }`, i);

describe.each([
  ['rules', HTTP.map(rule)],
  ['policies', POLICIES.map(policy)],
  ['servers', SERVERS.map(gateway)],
  ...OTHERS.map(([kind, spec]): [string, Resource[]] => [`${kind} ${spec.slice(0, 60)}`, [parsed(kind, spec, 0)]]),
])('%s that Envoy would refuse', (_name, resources) => {
  test('are left out piece by piece, and each has a problem', async () => {
    const { refused, problems } = await outcome(resources);
    expect(refused).toBe('');
    expect(new Set(problems.filter((one) => one.severity !== 'warning').map((one) => one.resource.name))).toEqual(new Set(resources.map((one) => one.metadata.name)));
  });
});

test.each([['rules', UNUSUAL_HTTP.map(rule)], ['policies', UNUSUAL_POLICIES.map(policy)]])('unusual %s are no problem', async (_name, resources) => {
  expect(await outcome(resources)).toEqual({ refused: '', problems: [] });
});
