// The suites of `npm test` that need no mesh: lint, types, jest, and "the build leaves no change".
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeDocs } from './docs.mjs';
import { root } from './install.mjs';
import { run } from './terminal.mjs';
import { treeState } from './tree.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);

export async function eslint() {
  await run(bin('eslint'), ['--max-warnings', '0', '.'], { cwd: root });
  return { passed: 1 };
}

export async function types() {
  await run(bin('tsc'), ['-p', 'tsconfig.dev.json'], { cwd: root });
  await run(bin('tsc'), ['-p', 'runtime/tsconfig.json'], { cwd: root });
  // Users see the built declarations, in which internal members are left out: the examples must compile with those too.
  const examples = readdirSync(join(root, 'examples')).map((name) => join('examples', name, 'main.ts')).filter((file) => existsSync(join(root, file)));
  await run(bin('tsc'), ['--ignoreConfig', '--noEmit', '--strict', '--target', 'ES2022', '--module', 'NodeNext', '--types', 'node', ...examples], { cwd: root });
  return { passed: 3 };
}

/** Runs jest and counts its tests; a suite that cannot even start counts as one failure. */
export async function jest(name, args) {
  const folder = join(root, '.cache', 'test');
  mkdirSync(folder, { recursive: true });
  const outputFile = join(folder, `${name}.json`);
  rmSync(outputFile, { force: true });
  const { output } = await run(bin('jest'), ['--ci', '--json', '--forceExit', `--outputFile=${outputFile}`, ...args], { cwd: root }).catch((error) => error);
  const report = JSON.parse(readFileSync(outputFile, 'utf8'));
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  const messages = report.testResults.filter((file) => file.status === 'failed').map((file) => `${file.name.slice(root.length)}\n${file.message}`);
  return { passed: report.numPassedTests, failed, skipped: report.numPendingTests + report.numTodoTests, output: messages.join('\n') || output };
}

/** Remembers what git sees now; `check` fails if compiling, writing the docs or testing changed a tracked file or left a new one. */
export async function unchangedTree() {
  const before = await treeState();
  if (before === undefined) return { check: () => ({ skipped: 1 }) };
  return {
    check: async () => {
      await writeDocs();
      const env = { ...process.env, PROJEN_DISABLE_POST: '1' };
      await run(bin('tsx'), ['.projenrc.ts'], { cwd: root, env });
      const after = await treeState();
      return after === before ? { passed: 1 } : { failed: 1, output: `tracked files changed:\n${after}` };
    },
  };
}
