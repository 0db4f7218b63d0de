// `npm test`: everything that must hold, from a fresh clone. Installs what it needs; writes nothing that git tracks.
// Two lanes run side by side, because two cores are what CI has: the library with its packing and the examples, and the runtime on real Envoys.
import { appendFileSync } from 'node:fs';
import { build } from './build.mjs';
import { checkExamples } from './test-examples.mjs';
import { checkHost, installPackages, installSystemPackages, root } from './install.mjs';
import { packTarballs, testTarballs } from './test-tarballs.mjs';
import { jest, eslint, types, unchangedTree } from './test-steps.mjs';
import { testUnprivileged } from './test-unprivileged.mjs';
import { dim, fail, green, red, seconds, step } from './terminal.mjs';

const total = { passed: 0, failed: 0, skipped: 0 };

/** Runs one suite; whatever goes wrong in it counts as a failure and the others go on. */
async function suite(name, action) {
  const start = Date.now();
  process.stdout.write(dim(`… ${name}\n`));
  let result;
  try {
    result = await action();
  } catch (error) {
    result = { passed: 0, failed: 1, output: error.output ?? error.stack ?? String(error) };
  }
  const { passed = 0, failed = 0, skipped = 0, output = '' } = result;
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  const mark = failed ? red('✖') : green('✔');
  console.log(`${mark} ${name}   ${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}   ${dim(seconds(Date.now() - start))}`);
  if (failed) console.log(output.trimEnd());
  if (process.env.GITHUB_STEP_SUMMARY) appendFileSync(process.env.GITHUB_STEP_SUMMARY, `${failed ? '✖' : '✔'} ${name}: ${passed} passed, ${failed} failed\n`);
}

async function lane(...suites) {
  for (const [name, action] of suites) await suite(name, action);
}

async function main() {
  await step('system', installSystemPackages);
  await step('install', installPackages);
  await step('namespaces', checkHost);
  const tree = await unchangedTree();
  await step('build', build);
  const tarballs = packTarballs();
  await Promise.all([
    lane(
      ['lint', eslint],
      ['types', types],
      ['library', () => jest('library', ['--maxWorkers=1'])],
      ['tarballs install and run outside the repository', () => testTarballs(tarballs)],
      ['examples on real Envoys', () => checkExamples(root)],
    ),
    lane(
      ['runtime', () => jest('runtime', ['--maxWorkers=2', '-c', 'runtime/jest.config.json'])],
      ['an example as an ordinary user', testUnprivileged],
    ),
  ]);
  await suite('the build leaves no change', tree.check);
  const { passed, failed, skipped } = total;
  console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
  process.exitCode = failed ? 1 : 0;
}

main().catch(fail);
