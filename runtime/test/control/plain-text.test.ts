import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Compiler, parseNode } from '../../src/compile';
import { Acceptance } from '../../src/control/acceptance';
import type { Problem } from '../../src/model/problem';
import { Cluster, readFiles } from '../../src/source';

const folder = mkdtempSync(join(tmpdir(), 'plain-text-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** All that the control plane says of the objects, as the user sees it. */
async function problemsOf(yaml: string): Promise<readonly Problem[]> {
  const file = join(folder, 'in.yaml');
  writeFileSync(file, yaml);
  const cluster = new Cluster();
  cluster.replace((await readFiles([file])).objects);
  const { snapshot, problems } = new Acceptance().accept(cluster.snapshot());
  const proxy = parseNode({ id: 'sidecar~10.244.0.7~client.default~default.svc.cluster.local', metadata: {} });
  if (typeof proxy === 'string') throw new Error(proxy);
  return [...problems, ...new Compiler().compile(snapshot, proxy).problems];
}

test('a PeerAuthentication that asks for mutual TLS is told of once', async () => {
  const problems = await problemsOf(`
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default }
spec: { mtls: { mode: STRICT } }
`);
  expect(problems).toMatchObject([{ resource: { kind: 'PeerAuthentication' }, severity: 'warning', message: expect.stringContaining('still plain text') }]);
});
