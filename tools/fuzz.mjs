// `npm run fuzz [-- RUNS SEED]`: mutates the objects of all cases. What we accept, Envoy must accept; what we refuse, must name a field.
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { installPackages, root } from './install.mjs';
import { fail, step } from './terminal.mjs';

async function main() {
  await step('install', installPackages);
  const { status } = spawnSync(join(root, 'node_modules', '.bin', 'tsx'), [join(root, 'runtime', 'test', 'fuzz', 'run.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

main().catch(fail);
