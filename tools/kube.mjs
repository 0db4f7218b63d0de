// `npm run kube [-- COUNT SEED]`: asks a real kube-apiserver that holds the definitions what our checks are asked, and keeps the mesh's authority in it. Needs Go, and minutes the first time.
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { build } from './build.mjs';
import { installPackages, root } from './install.mjs';
import { fail, step } from './terminal.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);

async function main() {
  await step('install', installPackages);
  await step('build', build);
  const jest = ['-c', join(root, 'runtime/jest.config.json'), '--testMatch', '**/test/kubernetes/*.kube.ts', '--runInBand'];
  const runs = [[bin('tsx'), [join(root, 'tools', 'kube', 'print.ts'), ...process.argv.slice(2)]], [bin('jest'), jest]];
  const failed = runs.filter(([program, args]) => spawnSync(program, args, { stdio: 'inherit', cwd: root }).status !== 0);
  process.exitCode = failed.length > 0 ? 1 : 0;
}

main().catch(fail);
