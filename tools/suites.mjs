// `npm run suites [-- FOLDER]`: replays Istio's own expectations, as data, against what we emit and what we refuse: passed, failed, and why.
import { join, resolve } from 'node:path';
import { spawnSync } from 'node:child_process';
import { installPackages, root } from './install.mjs';
import { fail, step } from './terminal.mjs';

async function main() {
  const folder = resolve(process.argv[2] ?? join(root, '..', 'shared', 'suites'));
  await step('install', installPackages);
  const { status } = spawnSync(join(root, 'node_modules', '.bin', 'tsx'), [join(root, 'tools', 'suites', 'print.ts'), folder], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

main().catch(fail);
