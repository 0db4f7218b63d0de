import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Compiler, parseNode } from '../../src/compile';
import { Acceptance } from '../../src/control/acceptance';
import type { Problem } from '../../src/model/problem';
import { Cluster, readFiles } from '../../src/source';

const folder = mkdtempSync(join(tmpdir(), 'told-once-'));
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

test.each(['http', 'tcp', 'tls'])('a host of spec.%s that nobody knows is told of once', async (kind) => {
  const match = kind === 'tls' ? 'match: [{ sniHosts: [web.example.com] }], ' : '';
  const problems = await problemsOf(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web }
spec: { hosts: [web.example.com], ${kind}: [{ ${match}route: [{ destination: { host: nobody } }] }] }
`);
  expect(problems).toMatchObject([{ path: `spec.${kind}[0].route[0].destination.host`, severity: 'warning' }]);
});
