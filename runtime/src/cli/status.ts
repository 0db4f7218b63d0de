import pc from 'picocolors';

import type { ProxyStatus } from '../control/messages';
import type { MeshStatus } from '../engine/overview';
import { chooseMesh } from './choose-mesh';
import { formatIgnored, formatProblem } from './problem-text';
import { statusesTable } from './statuses-table';
import { formatTable } from './table';
import { servicesTable } from './up/welcome';

/** `mesh status`: services, pods, and what each proxy has acknowledged. */
export async function status({ mesh, output }: { readonly mesh?: string; readonly output: 'text' | 'json' }): Promise<number> {
  const { status: found } = await chooseMesh(mesh);
  process.stdout.write(`${output === 'json' ? JSON.stringify(found, undefined, 2) : formatStatus(found)}\n`);
  return 0;
}

function formatStatus(mesh: MeshStatus): string {
  const { state, restarts } = mesh.controlPlane;
  return [
    `${pc.bold(mesh.name)}   since ${mesh.startedAt}   control plane ${state}${restarts > 0 ? `, ${restarts} restarts` : ''}`,
    '', servicesTable(mesh),
    '', formatTable(['pod', 'address', 'ready', 'containers'].map((word) => pc.dim(word)), mesh.pods.map((pod) => [
      `${pod.name}.${pod.namespace}`, pod.address, pod.ready ? pc.green('✔') : pc.red('✖'),
      pod.containers.map(({ name, state: doing, restarts: count }) => `${name} ${doing}${count > 0 ? ` (${count} restarts)` : ''}`).join(', '),
    ])),
    '', formatTable(['proxy', ...TYPES, ''].map((word) => pc.dim(word)), mesh.proxies.map(proxyRow)),
    ...(mesh.statuses.length > 0 ? ['', statusesTable(mesh.statuses)] : []),
    ...(mesh.problems.length > 0 ? ['', ...mesh.problems.map(formatProblem)] : []),
    ...(mesh.ignored.length > 0 ? ['', formatIgnored(mesh.ignored)] : []),
  ].join('\n');
}

const TYPES = ['cds', 'eds', 'lds', 'rds'] as const;

/** `14/14`: acknowledged of all that it subscribes to. */
function proxyRow({ node, synced, types }: ProxyStatus): string[] {
  const cells = TYPES.map((type) => {
    const row = types[type];
    return row ? `${row.acked}/${row.wanted}${row.state === 'rejected' ? pc.red(' refused') : ''}` : '–';
  });
  return [node.split('~')[2] ?? node, ...cells, synced ? pc.green('synced') : pc.yellow('waiting')];
}
