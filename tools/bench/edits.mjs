// One edited route among a thousand services, with a hundred connected proxies: work of the control plane, bytes, and time to the effect.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../install.mjs';
import { round1 } from './measure.mjs';

const SHAPES = [
  { shape: 'scoped', name: 'scoped by calls', goal: 5 },
  { shape: 'ports', name: 'unscoped, a table for each service', goal: 25 },
  { shape: 'one-port', name: 'unscoped, all services on one port' },
];

const PROGRAMS = ['edits-mesh', 'edit-clients'].map((name) => join('tools/bench', `${name}.ts`));

/** As the runtime is bundled: modules that are transformed one by one call each other more slowly. */
function bundle(folder) {
  execFileSync(join(root, 'node_modules/.bin/esbuild'), [...PROGRAMS, '--bundle', '--platform=node', '--target=node20', '--format=cjs', '--log-level=warning', `--outdir=${folder}`], { cwd: root });
}

const measure = (folder, services, shape) => JSON.parse(execFileSync(process.execPath, [join(folder, 'edits-mesh.js'), String(services), shape], { encoding: 'utf8' }));

const goalOf = (goal) => (goal ? `goal ≤ ${goal}; ` : '');

export function editFigures() {
  const folder = mkdtempSync(join(tmpdir(), 'edits-'));
  try {
    bundle(folder);
    return SHAPES.flatMap(({ shape, name, goal }) => {
      const [small, big] = [100, 1000].map((services) => measure(folder, services, shape));
      return [
        { name: `edit, ${name}: CPU`, value: round1(big.cpu), unit: 'ms', versus: `${goalOf(goal)}${big.affected} of 100 proxies affected; among 100 services ${round1(small.cpu)} ms` },
        { name: `edit, ${name}: sent`, value: Math.round(big.kilobytes), unit: 'KB', versus: `among 100 services ${Math.round(small.kilobytes)} KB` },
        { name: `edit, ${name}: until it is there`, value: round1(big.p50), unit: 'ms', versus: `p99 ${round1(big.p99)} ms${shape === 'scoped' ? ', goal ≤ 50' : ''}` },
      ];
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
