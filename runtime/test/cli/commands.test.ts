import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { validate } from '../envoy/envoy-validate';
import { mesh } from './run-mesh';

jest.setTimeout(60_000);

const SHOP = join(__dirname, '../engine/shop.yaml');
const folder = mkdtempSync(join(tmpdir(), 'commands-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('mesh config', () => {
  test('prints canonical JSON of what a proxy would be given', async () => {
    const { code, stdout } = await mesh(['config', SHOP, '--proxy', 'client.shop', '-o', 'json']);
    const { listeners, routes, clusters, endpoints } = JSON.parse(stdout);

    expect(code).toBe(0);
    expect(listeners.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining(['virtualOutbound', 'virtualInbound', '0.0.0.0_8000']));
    expect(routes.map(({ name }: { name: string }) => name)).toContain('8000');
    expect(clusters.find(({ name }: { name: string }) => name === 'outbound|8000||web.shop.svc.cluster.local')).toMatchObject({ type: 'EDS' });
    expect(endpoints[0].endpoints[0].lbEndpoints).toHaveLength(2);
  });

  test('prints one bootstrap that Envoy accepts', async () => {
    const { stdout } = await mesh(['config', SHOP, '--proxy', 'web/v2', '-o', 'bootstrap']);
    const bootstrap = JSON.parse(stdout);

    expect(JSON.stringify(bootstrap)).not.toContain('"rds"');
    expect(JSON.stringify(bootstrap)).not.toContain('"edsClusterConfig"');
    expect(await validate(bootstrap)).toBe('');
  });

  test('takes a node that no file has', async () => {
    const node = { id: 'sidecar~10.1.2.3~other.shop~shop.svc.cluster.local', metadata: { NAMESPACE: 'shop', LABELS: { app: 'other' } } };
    const { code, stdout } = await mesh(['config', SHOP, '--node', JSON.stringify(node)]);

    expect(code).toBe(0);
    expect(stdout).toContain('outbound|8000||web.shop.svc.cluster.local');
  });

  test('gives the same addresses every time', async () => {
    const [first, second] = await Promise.all([1, 2].map(() => mesh(['config', SHOP, '--proxy', 'client', '-o', 'json'])));

    expect(first?.stdout).toBe(second?.stdout);
  });

  test.each([
    [['config', SHOP], 'for which proxy?'],
    [['config', SHOP, '--proxy', 'nobody'], 'there is no service or pod nobody'],
    [['config', SHOP, '--proxy', 'bare'], 'there is no service or pod bare'],
    [['config', SHOP, '--node', '{'], '--node is not JSON'],
    [['config', SHOP, '--node', '{"id":"ingress~1~2"}'], "node id 'ingress~1~2' is not of the form"],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await mesh(args);

    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  test('tells what is wrong with the objects', async () => {
    const file = join(folder, 'broken.yaml');
    writeFileSync(file, `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web, namespace: shop }
spec: { hosts: [web], http: [{ route: [{ destination: { host: web, subset: v9 } }] }] }
`);
    const { code, stderr } = await mesh(['config', SHOP, file, '--proxy', 'client', '-o', 'json']);

    expect(code).toBe(0);
    expect(stderr).toContain('VirtualService web.shop spec.http[0].route[0].destination');
  });

  test('names the kinds that it does not read, and passes over those that nobody misses', async () => {
    const file = join(folder, 'kinds.yaml');
    writeFileSync(file, `
apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web }
`);
    const { stderr } = await mesh(['config', SHOP, file, '--proxy', 'client', '-o', 'json']);

    expect(stderr).toBe('not read  batch/v1 CronJob: a mesh on one machine does nothing with these kinds\n');
  });
});

describe('mesh inject', () => {
  test('adds the sidecar to every pod that does not refuse, and nothing a second time', async () => {
    const once = await mesh(['inject', SHOP]);
    const file = join(folder, 'injected.yaml');
    writeFileSync(file, once.stdout);
    const twice = await mesh(['inject', file]);

    expect(once.stdout.match(/name: istio-proxy/g)).toHaveLength(3);
    expect(once.stdout.match(/^kind:/gm)).toHaveLength(5);
    expect(twice.stdout).toBe(once.stdout);
  });
});

const MESH_CONFIG = `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data: { mesh: 'trustDomain: own.example' }
`;

describe('in a mesh with a trust domain of its own', () => {
  const group = join(folder, 'group.yaml');
  const ca = join(folder, 'ca');
  const output = join(folder, 'vm-1');
  beforeAll(() => {
    mkdirSync(ca);
    writeFileSync(join(ca, 'root-cert.pem'), 'the root');
    writeFileSync(group, `${MESH_CONFIG}---
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: { name: ledger, namespace: vms }
spec: { template: { serviceAccount: ledger } }
`);
  });

  test('mesh inject gives it to proxies, for their authority refuses who asks for another', async () => {
    const { stdout } = await mesh(['inject', SHOP, group]);
    expect(stdout.match(/name: TRUST_DOMAIN\n +value: .*/g)).toEqual(Array.from({ length: 3 }, () => expect.stringMatching(/own\.example$/)));
  });

  test('mesh machine gives it to machines, with the name of a control plane that is reached by another', async () => {
    const { code, stdout } = await mesh(['machine', 'ledger', group, '--ca', ca, '--control-plane', '192.0.2.1:15012', '--output', output]);
    expect(code).toBe(0);
    expect(stdout).toContain('cd vm-1 && export ENVOY_PATH=$(mesh envoy) && set -a && . ./cluster.env && mesh agent sidecar');
    expect(readFileSync(join(output, 'cluster.env'), 'utf8')).toMatch(/^TRUST_DOMAIN='own\.example'\nISTIOD_SAN='istiod\.istio-system\.svc'$/m);
    await mesh(['machine', 'ledger', group, '--ca', ca, '--control-plane', 'istiod.mesh-system.svc:15012', '--output', output]);
    expect(readFileSync(join(output, 'cluster.env'), 'utf8')).not.toContain('ISTIOD_SAN');
  });

  test.each([
    [['ledgr', group], 'there is no WorkloadGroup ledgr in these files: there are ledger.vms'],
    [['ledger', group, '--control-plane', 'istiod.example.com'], '--control-plane istiod.example.com: expected HOST:PORT'],
    [['ledger', group, '--address', 'vm'], '--address vm: expected an IP address'],
    [['ledger', group, '--ttl', 'soon'], '--ttl'],
  ])('mesh machine %j is refused', async (args, message) => {
    expect(await mesh(['machine', ...args, '--ca', ca, '--output', join(folder, 'none')])).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});

describe('mesh fields', () => {
  test('prints every field as JSON', async () => {
    const fields = JSON.parse((await mesh(['fields', '-o', 'json'])).stdout) as { kind: string; path: string; handled: boolean; reason?: string }[];

    expect(fields).toContainEqual({ kind: 'networking.istio.io/VirtualService', path: 'spec.http[].timeout', handled: true });
    expect(fields.filter(({ handled, reason }) => handled === (reason !== undefined))).toEqual([]);
  });

  test('ends with what is handled of each kind', async () => {
    const { stdout } = await mesh(['fields']);

    expect(stdout).toMatch(/gateway\.networking\.k8s\.io +HTTPRoute +\d+ of \d+\n[\s\S]*networking\.istio\.io +VirtualService +\d+ of \d+\n[\s\S]*\d+ of \d+ fields are handled\n$/);
  });

  test('knows the kinds', async () => {
    expect(await mesh(['fields', 'Nothing'])).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no kind Nothing; there are AuthorizationPolicy') });
  });
});

describe('the command line', () => {
  test.each([
    [['up', '--frobnicate'], "unknown option '--frobnicate'"],
    [['up', '--port', 'http'], 'expected a port'],
    [['up', '-o', 'xml'], 'Allowed choices are text, json'],
    [['up', '/no/such/folder'], 'there is no file or folder /no/such/folder'],
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['exec'], "missing required argument 'service'"],
    [['control'], 'there is no source of objects'],
    [['up', SHOP, '--check', '/no/such/checks.yaml'], '/no/such/checks.yaml'],
  ])('%j is refused with code 2', async (args, message) => {
    const { code, stderr } = await mesh(args);

    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  test('up with nothing to run ends at once and says so', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const { code, stderr } = await mesh(['up', empty, '--offline', '--port', '0']);

    expect(stderr).toContain(`there is nothing to run in ${empty}: give YAML files`);
    expect(code).toBe(2);
  });

  test('tells what there is', async () => {
    const { code, stdout } = await mesh(['--help']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/up[\s\S]*exec[\s\S]*logs[\s\S]*status[\s\S]*config[\s\S]*fields[\s\S]*control/);
  });

  test.each([
    [[], {}, 'agent: expected sidecar or router, got nothing: mesh agent sidecar stands beside a workload'],
    [['sidecar'], { INSTANCE_IP: '' }, 'agent: INSTANCE_IP: expected the address at which others reach this workload, got ""; for a machine, mesh machine --address IP writes it'],
    [['sidecar'], { PROXY_CONFIG: '{"discoveryAddress": "istiod"}' }, 'agent: discoveryAddress in PROXY_CONFIG: expected host:port, got istiod'],
  ])('agent %j with %j is refused', async (args, env, message) => {
    const { code, stderr } = await mesh(['agent', ...args], { env });

    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  test('needs a mesh for what talks to one', async () => {
    const { code, stderr } = await mesh(['status'], { env: { XDG_CACHE_HOME: folder } });

    expect(stderr).toContain('no mesh runs: start one with mesh up');
    expect(code).toBe(2);
  });
});
