import { buildSync } from 'esbuild';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { captureArguments } from '../../../src/sidecar';
import { emitBootstrap } from '../../src/agent/bootstrap';
import { readNode } from '../../src/agent/node';
import { findEnvoy } from '../../src/local/envoy-binary';
import { checkHost } from '../../src/local/host-check';
import { unshareCommand, type NamespaceKind } from '../../src/local/namespaces';
import { runTool, type ToolResult } from '../../src/local/tool';
import type { AgentStory, MachineStory } from './pod-program';

jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), 'agent-'));
const program = join(folder, 'pod-program.js');
let kind: NamespaceKind;
let envoy: string;

beforeAll(async () => {
  buildSync({ entryPoints: [join(__dirname, 'pod-program.ts')], bundle: true, platform: 'node', outfile: program, logLevel: 'error' });
  kind = (await checkHost()).kind ?? 'user';
  envoy = (await findEnvoy()).path;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a script in the namespaces of a pod; `mesh` is the bundle of the test. */
function inPod(script: string): Promise<ToolResult> {
  const argv = [...unshareCommand(kind), 'sh', '-c', `ip link set lo up\n${script}`, process.execPath, program, folder];
  return runTool(argv, '', { env: { ...process.env, ENVOY_PATH: envoy } });
}

describe('the bootstrap', () => {
  const node = readNode({ type: 'sidecar', env: { POD_NAME: 'a', POD_NAMESPACE: 'b', INSTANCE_IP: '10.244.1.1' }, labels: {}, annotations: {} });

  test.each([
    ['Kubernetes', { node, controlPlane: { host: 'istiod.istio-system.svc', port: 15010 } }],
    ['this machine', { node, controlPlane: { path: '/run/xds' }, adminSocket: join(folder, 'admin'), mark: 1337 }],
  ])('for %s is valid for Envoy', (name, options) => {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(emitBootstrap(options)));
    expect(execFileSync(envoy, ['--mode', 'validate', '--config-path', file, '--log-level', 'off'], { encoding: 'utf8' })).toContain('OK');
  });

  test('asks the control plane by delta ADS, with Istio names', () => {
    expect(emitBootstrap({ node, controlPlane: { host: 'istiod.istio-system.svc', port: 15010 } })).toMatchObject({
      node: { id: 'sidecar~10.244.1.1~a.b~b.svc.cluster.local', metadata: { NAMESPACE: 'b' } },
      admin: { address: { socketAddress: { address: '127.0.0.1', portValue: 15000 } } },
      dynamicResources: {
        adsConfig: { apiType: 'DELTA_GRPC', transportApiVersion: 'V3', setNodeOnFirstMessageOnly: true, grpcServices: [{ envoyGrpc: { clusterName: 'xds-grpc' } }] },
        ldsConfig: { ads: {}, initialFetchTimeout: '0s', resourceApiVersion: 'V3' },
      },
      staticResources: { clusters: [{ name: 'prometheus_stats' }, { name: 'xds-grpc', type: 'STRICT_DNS' }], listeners: [{ name: 'stats' }, { name: 'agent' }] },
    });
  });

  test('marks the connections of the proxy when it is told to', () => {
    const bootstrap = emitBootstrap({ node, controlPlane: { path: '/run/xds' }, mark: 1337 });
    expect(bootstrap).toMatchObject({ clusterManager: { upstreamBindConfig: { socketOptions: [{ level: '1', name: '36', intValue: '1337' }] } } });
    expect(emitBootstrap({ node, controlPlane: { path: '/run/xds' } })).not.toHaveProperty('clusterManager');
  });
});

describe('mesh agent', () => {
  let story: AgentStory;

  beforeAll(async () => {
    const { code, stdout, stderr } = await inPod('"$0" "$1" story "$2"');
    if (code !== 0) throw new Error(`${stdout}${stderr}`);
    story = JSON.parse(stdout) as AgentStory;
  });

  test('is not ready without a control plane, and ready with its first configuration', () => {
    expect(story.readyWithoutControlPlane).not.toBe(200);
    expect(story.readyStatus).toBe(200);
    expect(story.answer).toBe('served');
  });

  test('says which pod it is', () => {
    expect(story.node?.id).toBe('sidecar~127.0.0.1~reviews-v1-0.bookinfo~bookinfo.svc.cluster.local');
    expect(story.node?.metadata).toMatchObject({ LABELS: { app: 'reviews', version: 'v1' }, SERVICE_ACCOUNT: 'reviews' });
    expect(story.bootstrap.node.id).toBe(story.node?.id);
  });

  test('goes on to serve while it drains, but is not ready, and ends when it has drained', () => {
    expect(story.whileDraining).toEqual({ ready: 503, answer: 'served' });
    expect(story.drainedAfterMs).toBeGreaterThanOrEqual(2_000);
    expect(story.exitCode).toBe(0);
  });

  test('ends when Envoy dies', () => {
    expect(story.codeWhenEnvoyDies).toBe(128);
  });
});

describe('mesh agent outside of Kubernetes', () => {
  let story: MachineStory;

  beforeAll(async () => {
    const { code, stdout, stderr } = await inPod('"$0" "$1" machine "$2"');
    if (code !== 0) throw new Error(`${stdout}${stderr}`);
    story = JSON.parse(stdout) as MachineStory;
  });

  test('gets its certificate by a token, and its configuration by mutual TLS', () => {
    expect(story).toMatchObject({ readyStatus: 200, proofs: ['token'], sans: ['URI:spiffe://cluster.local/ns/vm/sa/legacy'] });
  });

  test('writes copies, and begins with them when it is started again without a token', () => {
    expect(story.files).toEqual(['cert-chain.pem', 'key.pem', 'root-cert.pem'].map((name) => ({ name, mode: 0o600 })));
    expect(story).toMatchObject({ readyAgain: 200, proofsAgain: [] });
  });

  test('asks the application in the place of whoever probes it', () => {
    expect(story).toMatchObject({ probe: { status: 200, body: '/ready 127.0.0.1:7001' }, wrongProbe: 400 });
  });

  test('tells how long the certificate lasts', () => {
    expect(story.metrics).toMatch(/istio_agent_cert_expiry_seconds\{resource_name="default"\} 8\d{4}/);
    expect(story.metrics).toContain('envoy_server_live');
  });
});

describe('mesh capture', () => {
  const given = captureArguments({ 'traffic.sidecar.istio.io/excludeOutboundPorts': '3306' });
  // An ordinary user's namespace has no user 1337, which is why marks are used on one machine.
  const mapped = process.getuid?.() === 0 ? given : given.map((word) => (word === '1337' ? '0' : word));
  const words = mapped.map((word) => `'${word}'`).join(' ');

  test('puts the rules in force, also when it runs twice, and leaves those of others', async () => {
    const { code, stdout, stderr } = await inPod(`
      iptables -t nat -A POSTROUTING -o other -j MASQUERADE
      "$0" "$1" capture ${words} >/dev/null && "$0" "$1" capture ${words} >/dev/null && iptables-save -t nat`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const rules = stdout.split('\n').filter((line) => line.startsWith('-A'));
    expect(rules.filter((rule) => rule === '-A OUTPUT -j ISTIO_OUTPUT')).toHaveLength(1);
    expect(rules.filter((rule) => rule === '-A PREROUTING -p tcp -j ISTIO_INBOUND')).toHaveLength(1);
    expect(rules.filter((rule) => rule.includes('--dport 3306'))).toHaveLength(2);
    expect(rules).toContain('-A POSTROUTING -o other -j MASQUERADE');
  });

  test('refuses what it cannot read, and then captures nothing', async () => {
    const { code, stdout, stderr } = await inPod('"$0" "$1" capture -d eighty; echo "code $?"; iptables-save -t nat');
    expect(code).toBe(0);
    expect(stderr).toContain('eighty in istio-local-exclude-ports: expected a port number');
    expect(stdout).toContain('code 2');
    expect(stdout).not.toContain('ISTIO');
  });
});
