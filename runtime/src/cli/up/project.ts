import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, copyFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { load } from 'js-yaml';

import { Failure } from '../failure';

/** A cdk8s project: a folder that says how its manifests are made. */
export interface Project {
  readonly folder: string;
  /** The command that synthesizes. */
  readonly app: string;
  /** Folder of the manifests. */
  readonly output: string;
}

export interface Synthesis {
  readonly seconds: number;
  readonly objects: number;
}

/** The projects among these paths; other paths are none of ours. */
export function findProjects(paths: readonly string[]): Project[] {
  return paths.filter((path) => existsSync(join(path, 'cdk8s.yaml'))).map(readProject);
}

function readProject(folder: string): Project {
  const file = join(folder, 'cdk8s.yaml');
  const config = load(readFileSync(file, 'utf8')) as { app?: unknown; output?: unknown } | undefined;
  if (typeof config?.app !== 'string' || config.app === '') {
    throw new Failure(`${file} has no app: write the command that synthesizes, such as \`app: tsx main.ts\``);
  }
  return { folder: resolve(folder), app: config.app, output: resolve(folder, typeof config.output === 'string' ? config.output : 'dist') };
}

/** Runs the project's command, and then puts in place what changed: a mesh that reads along never sees half of it. */
export async function synthesize({ folder, app, output }: Project): Promise<Synthesis> {
  const started = performance.now();
  mkdirSync(dirname(output), { recursive: true });
  const fresh = mkdtempSync(`${output}.new-`);
  try {
    await runApp(app, folder, fresh);
    const objects = replaceFiles(fresh, output);
    return { seconds: (performance.now() - started) / 1000, objects };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function runApp(app: string, cwd: string, output: string): Promise<void> {
  const env = { ...process.env, CDK8S_OUTDIR: output, PATH: [...binFolders(cwd), process.env.PATH ?? ''].join(delimiter) };
  return new Promise((done, reject) => {
    const child = spawn(app, { cwd, env, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => { said = (said + chunk).slice(-8_000); });
    }
    child.on('error', (error) => reject(new Failure(`${app}: ${error.message}`, 1)));
    child.on('close', (code) => (code === 0 ? done() : reject(new Failure(`\`${app}\` in ${cwd} ended with code ${code}\n${said.trim()}`, 1))));
  });
}

/** The programs of the packages that the project has, as npm finds them. */
function binFolders(folder: string): string[] {
  const parent = dirname(folder);
  return [join(folder, 'node_modules', '.bin'), ...(parent === folder ? [] : binFolders(parent))];
}

/** Moves changed files in place and removes those that are gone; counts the objects. */
function replaceFiles(from: string, to: string): number {
  mkdirSync(to, { recursive: true });
  const names = readdirSync(from).filter((name) => statSync(join(from, name)).isFile());
  for (const name of names.filter((candidate) => hashOf(join(from, candidate)) !== hashOf(join(to, candidate)))) {
    copyFileSync(join(from, name), join(to, `.${name}.new`));
    renameSync(join(to, `.${name}.new`), join(to, name));
  }
  for (const name of readdirSync(to).filter((candidate) => candidate.endsWith('.yaml') && !names.includes(candidate))) {
    rmSync(join(to, name));
  }
  return names.reduce((sum, name) => sum + countObjects(readFileSync(join(to, name), 'utf8')), 0);
}

function hashOf(file: string): string | undefined {
  return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : undefined;
}

function countObjects(text: string): number {
  return text.match(/^kind:/gm)?.length ?? 0;
}
