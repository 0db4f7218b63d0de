// `npm run pilot [-- FILTER]`: asks Istio's own pilot what it would send to the proxies of our cases. Needs Go, and ten minutes the first time.
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { build } from './build.mjs';
import { installPackages, root } from './install.mjs';
import { fail, step } from './terminal.mjs';

async function main() {
  await step('install', installPackages);
  await step('build', build);
  const tsx = join(root, 'node_modules', '.bin', 'tsx');
  process.exitCode = spawnSync(tsx, [join(root, 'tools', 'pilot', 'print.ts'), ...process.argv.slice(2)], { stdio: 'inherit', cwd: root }).status ?? 1;
}

main().catch(fail);
