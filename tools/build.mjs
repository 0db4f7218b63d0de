// Compiles the library (tsc), bundles the runtime and the sample applications (esbuild). Skips what has not changed since the last build.
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './install.mjs';
import { fail, run } from './terminal.mjs';

const cache = join(root, '.cache');

function* filesUnder(path) {
  if (!statSync(path).isDirectory()) return yield path;
  for (const name of readdirSync(path).sort()) {
    if (name !== 'node_modules' && name !== 'dist' && name !== 'lib') yield* filesUnder(join(path, name));
  }
}

function fingerprint(inputs) {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const file of filesUnder(join(root, input))) hash.update(file.slice(root.length)).update('\0').update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** Runs `action` unless its inputs are as they were when it last ended well and its output is there. The output's time says: it is of these inputs. */
async function unlessCurrent({ name, inputs, output }, action) {
  const stamp = join(cache, `${name}.built`);
  const now = fingerprint(inputs);
  if (existsSync(join(root, output)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return utimesSync(join(root, output), new Date(), new Date());
  rmSync(stamp, { force: true });
  await action();
  mkdirSync(cache, { recursive: true });
  writeFileSync(stamp, now);
}

const bin = (name) => join(root, 'node_modules', '.bin', name);

async function buildLibrary() {
  rmSync(join(root, 'lib'), { recursive: true, force: true });
  await run(bin('tsc'), ['-p', 'tsconfig.json'], { cwd: root });
}

const ESBUILD = ['--bundle', '--platform=node', '--target=node20', '--format=cjs', '--log-level=warning'];

async function buildRuntime() {
  const outfile = join(root, 'runtime/lib/mesh.js');
  await run(bin('esbuild'), ['runtime/src/main.ts', ...ESBUILD, '--keep-names', '--legal-comments=none', '--banner:js=#!/usr/bin/env node', `--outfile=${outfile}`], { cwd: root });
  chmodSync(outfile, 0o755);
  // npm links a workspace's command at install only, when it is not built yet: `npx mesh` is to work from the first build on.
  const link = bin('mesh');
  rmSync(link, { force: true });
  symlinkSync(relative(dirname(link), outfile), link);
}

async function buildApps() {
  const folder = join(root, 'examples/apps');
  const entries = readdirSync(folder).filter((name) => name.endsWith('.ts')).map((name) => join('examples/apps', name));
  await run(bin('esbuild'), [...entries, ...ESBUILD, '--outdir=examples/apps/dist'], { cwd: root });
}

export async function build() {
  const shared = ['package-lock.json', 'tsconfig.json', 'tools/build.mjs'];
  const sidecar = readdirSync(join(root, 'src')).filter((file) => file.startsWith('sidecar')).map((file) => join('src', file));
  await Promise.all([
    unlessCurrent({ name: 'library', inputs: ['src', 'imports', ...shared], output: 'lib/src/index.js' }, buildLibrary),
    unlessCurrent({ name: 'runtime', inputs: ['runtime/src', 'imports', ...sidecar, ...shared], output: 'runtime/lib/mesh.js' }, buildRuntime),
    unlessCurrent({ name: 'apps', inputs: ['examples/apps', ...shared], output: 'examples/apps/dist' }, buildApps),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build().catch(fail);
