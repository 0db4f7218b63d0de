// `npm run kube [-- COUNT SEED]`: asks a real kube-apiserver that holds the definitions what our checks are asked. Needs Go, and minutes the first time.
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { installPackages, root } from './install.mjs';
import { fail, step } from './terminal.mjs';

async function main() {
  await step('install', installPackages);
  const { status } = spawnSync(join(root, 'node_modules', '.bin', 'tsx'), [join(root, 'tools', 'kube', 'print.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

main().catch(fail);
