import fc from 'fast-check';
import { Compiler, parseNode } from '../../src/compile';
import type { Configuration } from '../../src/model/configuration';
import type { HttpConnectionManager, HttpRBAC, Listener } from '../../src/envoy';
import { decode, inlineBootstrap, unpack } from '../../src/envoy';
import { TYPE_URLS } from '../../src/model/configuration';
import { EchoServer } from '../../src/local/echo-server';
import type { Visitor } from '../../src/simulate';
import { Simulation, decideAccess } from '../../src/simulate';
import { StaticEnvoy, freePorts } from '../access/request-forms/envoy';
import { sendRaw } from '../access/request-forms/raw-request';
import { PLAIN } from '../access/request-forms/world';
import { snapshotOf } from '../cases/case';

jest.setTimeout(180_000);

const POLICIES = 24;
const REQUESTS = 60;
const SEED = 20_261_121;

const some = (...values: readonly string[]): fc.Arbitrary<string[]> => fc.subarray([...values], { minLength: 1, maxLength: 2 });
const fields = (of: Readonly<Record<string, fc.Arbitrary<string[]>>>): fc.Arbitrary<object> => {
  const all = Object.fromEntries(Object.entries(of).flatMap(([name, values]) => [[name, values], [`not${name[0].toUpperCase()}${name.slice(1)}`, values]]));
  return fc.record(all, { requiredKeys: [] }).filter((one) => Object.keys(one).length > 0 && Object.keys(one).length < 4);
};

const operation = fields({
  paths: some('/a', '/a/*', '*/b', '*', '/x/{*}/b', '/x/{**}', '/{*}', '/{**}/b'),
  methods: some('GET', 'PO*', '*ST', '*', 'PUT'),
  hosts: some('a.com', '*.com', 'A.*', '*', 'b.org:80', 'b.org:*'),
});
const source = fields({
  ipBlocks: some('127.0.0.1', '127.0.0.0/8', '10.0.0.0/8', '::1'),
  remoteIpBlocks: some('10.0.0.1', '10.0.0.0/8', '192.168.0.0/16', '127.0.0.1', 'fd00::/8'),
  principals: some('*', 'cluster.local/ns/a/sa/b'),
});
const condition = fc.record({
  key: fc.constantFrom('request.headers[X-One]', 'request.headers[x-two]', 'connection.sni', 'request.auth.claims[a][b]', 'source.namespace'),
  ...{ values: some('v', 'v*', '*v', '*', '1.2.3.4'), notValues: some('v', 'w*', '*w', '*') },
}, { requiredKeys: ['key', 'values'] });
const rule = fc.record({
  from: fc.array(source.map((one) => ({ source: one })), { minLength: 1, maxLength: 2 }),
  to: fc.array(operation.map((one) => ({ operation: one })), { minLength: 1, maxLength: 2 }),
  when: fc.array(condition, { minLength: 1, maxLength: 1 }),
}, { requiredKeys: ['to'] });
const policy = fc.record({ action: fc.constantFrom('ALLOW', 'DENY'), rules: fc.array(rule, { minLength: 1, maxLength: 3 }) });

const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH'),
  path: fc.constantFrom('/', '/a', '/a/', '/a/b', '/b', '/x/1/b', '/x/1/2/b', '/x/', '/x', '/x//b', '/a?q=/b', '/b/c', '/A', '/x/1/b/', '/c/d/b'),
  authority: fc.constantFrom('a.com', 'A.com', 'b.a.com', 'a.org', 'b.org', 'b.org:80', 'com', 'a.com:80'),
  one: fc.constantFrom<readonly string[]>([], ['v'], ['vw'], ['wv'], [''], ['w'], ['v', 'w'], ['w', 'x'], ['V']),
  two: fc.constantFrom<readonly string[]>([], ['v'], ['w'], ['', 'v']),
  client: fc.constantFrom('10.0.0.1', '10.9.9.9', '192.168.1.1', '8.8.8.8', 'fd00::1'),
});
type Request = typeof request extends fc.Arbitrary<infer T> ? T : never;

/** One listener for each policy: rules are for its port, and what allows leaves the other ports alone. */
function world(policies: readonly { action: string; rules: readonly object[] }[], ports: readonly number[], application: number): Configuration {
  const portsWith = (action: string): string[] => policies.flatMap((one, i) => (one.action === action ? [String(ports[i])] : []));
  const rulesOf = (action: string): object[] => policies.flatMap((one, i) => (one.action !== action ? [] : one.rules.map((each) => {
    const { to } = each as { to: readonly { operation: object }[] };
    return { ...each, to: to.map((item) => ({ operation: { ...item.operation, ports: [String(ports[i])] } })) };
  })));
  const objects = [
    { apiVersion: 'networking.istio.io/v1', kind: 'Sidecar', metadata: { name: 'web' }, spec: { ingress: ports.map((number) => ({
      port: { number, name: `http-${number}`, protocol: 'HTTP' }, bind: '127.0.0.1', captureMode: 'NONE', defaultEndpoint: `127.0.0.1:${application}`,
    })) } },
    access('deny', 'DENY', rulesOf('DENY')),
    access('allow', 'ALLOW', [...rulesOf('ALLOW'), { to: [{ operation: { notPorts: portsWith('ALLOW') } }] }]),
  ];
  const proxy = parseNode({ id: 'sidecar~127.0.0.1~web.default~default.svc.cluster.local', metadata: { NAMESPACE: 'default', LABELS: { app: 'web' } } });
  if (typeof proxy === 'string') {
    throw new Error(proxy);
  }
  const { configuration, problems } = new Compiler().compile(snapshotOf([PLAIN, ...objects.map((one) => JSON.stringify(one))].join('\n---\n')), proxy);
  expect(problems.filter(({ severity }) => severity !== 'warning')).toEqual([]);
  return configuration;
}

function access(name: string, action: string, rules: readonly object[]): object {
  return { apiVersion: 'security.istio.io/v1', kind: 'AuthorizationPolicy', metadata: { name }, spec: { action, rules } };
}

function filtersOf(configuration: Configuration, port: number): HttpRBAC[] {
  const resource = [...configuration.get(TYPE_URLS.listener)?.values() ?? []].find(({ name }) => name.endsWith(`_${port}`));
  const listener: Listener = resource ? decode('Listener', resource.bytes) : {};
  const manager = listener.filterChains?.[0].filters?.at(-1)?.typedConfig;
  const filters = manager ? (unpack(manager) as HttpConnectionManager).httpFilters ?? [] : [];
  return filters.flatMap(({ name, typedConfig }) => (name === 'envoy.filters.http.rbac' && typedConfig ? [unpack(typedConfig) as HttpRBAC] : []));
}

function visitorOf({ method, path, authority, one, two, client }: Request, port: number): Visitor {
  const headers = { ...(one.length > 0 && { 'x-one': one }), ...(two.length > 0 && { 'x-two': two }) };
  return { connection: { source: '127.0.0.1', client, destination: { address: '127.0.0.1', port } }, request: { method, path, authority, headers } };
}

function bytesOf({ method, path, authority, one, two, client }: Request): string {
  const headers = [`host: ${authority}`, `x-forwarded-for: ${client}`, 'content-length: 0', ...one.map((value) => `x-one: ${value}`), ...two.map((value) => `x-two: ${value}`)];
  return `${method} ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`;
}

const echo = new EchoServer({ service: 'web', pod: 'web' });

afterAll(() => echo.close());

test('the evaluator decides as a real Envoy does', async () => {
  const policies = fc.sample(policy, { seed: SEED, numRuns: POLICIES });
  const ports = await freePorts(POLICIES);
  const application = await echo.listen('http', { host: '127.0.0.1', port: 0 });
  const configuration = world(policies, ports, application);
  const { staticResources, ...rest } = inlineBootstrap({ node: { id: 'rbac', cluster: 'rbac' } }, configuration) as { staticResources: { listeners: { name: string }[] } };
  const listeners = staticResources.listeners.filter(({ name }) => name.startsWith('127.0.0.1_'));
  const envoy = await StaticEnvoy.start({ ...rest, staticResources: { ...staticResources, listeners } }, ports[0]);
  const simulation = new Simulation(configuration);
  const decisions = { allowed: 0, denied: 0 };
  try {
    for (const [i, port] of ports.entries()) {
      const filters = filtersOf(configuration, port);
      for (const one of fc.sample(request, { seed: SEED + i, numRuns: REQUESTS })) {
        const expected = filters.every((filter) => decideAccess(filter, visitorOf(one, port)).allowed);
        decisions[expected ? 'allowed' : 'denied']++;
        const { status } = await sendRaw(port, bytesOf(one));
        const about = { policy: policies[i], request: one };
        expect({ ...about, status }).toEqual({ ...about, status: expected ? 200 : 403 });
        // So does the simulation of the whole way.
        const { connection, request: { headers, ...asked } = {} } = visitorOf(one, port);
        const { answer, cluster } = simulation.run({
          at: 'gateway', ...connection.destination, protocol: 'http', tls: 'plaintext', source: { address: connection.source }, client: connection.client, headers, ...asked,
        });
        expect({ ...about, answer: answer?.status, goes: cluster !== undefined }).toEqual({ ...about, answer: expected ? undefined : 403, goes: expected });
      }
    }
  } finally {
    await envoy.stop();
  }
  // Neither answer is the rule.
  expect(Math.min(decisions.allowed, decisions.denied)).toBeGreaterThan(POLICIES * REQUESTS / 10);
});
