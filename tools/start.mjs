// `npm start`: installs, builds, and brings examples/bookinfo up on real Envoys. Further words go to `mesh up`: `npm start -- --check`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { checkHost, installPackages, installSystemPackages, root } from './install.mjs';
import { Refusal, fail, step } from './terminal.mjs';

function requireNode20() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) throw new Refusal(`Node 20 or later is needed, this is ${process.version}`, 2);
}

/** `--check` without a file means the example's own checks; `--example NAME` takes another example than Bookinfo. */
function meshArguments(words) {
  const { values, tokens } = parseArgs({ args: words, strict: false, tokens: true, options: { example: { type: 'string' } } });
  const example = join('examples', typeof values.example === 'string' ? values.example : 'bookinfo');
  const used = new Set(tokens.filter((token) => token.kind === 'option' && token.name === 'example')
    .flatMap((token) => (token.inlineValue === false ? [token.index, token.index + 1] : [token.index])));
  const rest = words.filter((_word, index) => !used.has(index));
  const check = rest.indexOf('--check');
  if (check >= 0 && (rest[check + 1] === undefined || rest[check + 1].startsWith('-'))) rest.splice(check + 1, 0, join(example, 'checks.yaml'));
  return check >= 0 ? ['up', example, '--offline', ...rest] : ['up', example, '--watch', ...rest];
}

/** Runs `mesh` in the foreground: it gets the terminal, and its end is ours. Signals reach it through us when they come to us alone. */
function mesh(words) {
  const child = spawn(process.execPath, [join(root, 'runtime/lib/mesh.js'), ...words], { cwd: root, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
  child.on('error', fail);
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

try {
  requireNode20();
  await step('system', installSystemPackages);
  await step('install', installPackages);
  await step('namespaces', checkHost);
  await step('build', build);
  mesh(meshArguments(process.argv.slice(2)));
} catch (error) {
  fail(error);
}
