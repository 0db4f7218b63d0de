import { buildSync } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findEnvoy } from '../../src/local/envoy-binary';
import { checkHost } from '../../src/local/host-check';
import { unshareCommand } from '../../src/local/namespaces';
import { runTool } from '../../src/local/tool';
import { BUNDLE } from '../engine/test-mesh';
import type { MachineStory } from './machine-program';

jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), 'machine-'));
let story: MachineStory;

beforeAll(async () => {
  const program = join(folder, 'program.js');
  buildSync({ entryPoints: [join(__dirname, 'machine-program.ts')], bundle: true, platform: 'node', outfile: program, logLevel: 'error' });
  const [{ kind = 'user' }, { path: envoy }] = [await checkHost(), await findEnvoy()];
  const argv = [...unshareCommand(kind), 'sh', '-c', 'ip link set lo up; exec "$0" "$@"', process.execPath, program, folder, BUNDLE, envoy];
  const { code, stdout, stderr } = await runTool(argv, '');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  story = JSON.parse(stdout) as MachineStory;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a machine joins with its token, then renews by the certificate that it has (F166)', () => {
  expect(story.name).toBe('URI:spiffe://cluster.local/ns/vms/sa/database');
  expect(story.serials).toBeGreaterThanOrEqual(3);
  expect(story.proofs.slice(0, 3)).toEqual(['join token', 'client certificate', 'client certificate']);
});

test('its Envoy has its configuration from the secured port, by its certificate', () => {
  expect(story.ready).toBe(200);
});

test('it registers itself for its WorkloadGroup, and is sent requests while its probe succeeds', () => {
  expect(story.endpoints).toEqual(['127.0.0.1:8080', '', '127.0.0.1:8080']);
  expect(story.log).toContain('agent: warn the workload is not healthy: GET /healthz at port 8080 did not succeed (503)');
});

test('as somebody else it gets neither a certificate nor configuration', () => {
  expect(story.refused).toBe(true);
  expect(story.log).toContain('the node says it is vms/admin, its certificate is of vms/database');
  expect(story.log).toContain('it asks for the name \\"spiffe://cluster.local/ns/vms/sa/admin\\", but its sender is spiffe://cluster.local/ns/vms/sa/database');
});
