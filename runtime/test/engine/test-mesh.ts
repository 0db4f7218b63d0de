import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { Answer, Call, HttpCall, Load } from '../../src/engine/check';
import { LocalMesh, type LocalMeshOptions } from '../../src/engine/local-mesh';
import { findEnvoy } from '../../src/local/envoy-binary';
import { checkHost, formatRefusal } from '../../src/local/host-check';

export const BUNDLE = join(__dirname, '../../lib/mesh.js');

const SOURCES = join(__dirname, '../../src');

/** Refuses a bundle that is not there, or is older than what it was made from: whoever tries an edit must not be told about the code before it. */
export function checkBundle(bundle = BUNDLE, sources = SOURCES): void {
  if (!existsSync(bundle)) {
    throw new Error(`${bundle} is not there: run node tools/build.mjs`);
  }
  const built = statSync(bundle).mtimeMs;
  const newer = readdirSync(sources, { recursive: true, encoding: 'utf8' }).find((file) => file.endsWith('.ts') && statSync(join(sources, file)).mtimeMs > built);
  if (newer !== undefined) {
    throw new Error(`${bundle} is older than ${join(sources, newer)}: run node tools/build.mjs`);
  }
}

/** A real mesh from these files or folders, with the built bundle; `manifest` holds objects beside those of the files. */
export async function startMesh(paths: readonly string[], options: Partial<LocalMeshOptions> = {}, manifest = ''): Promise<LocalMesh> {
  const { kind, refusal } = await checkHost();
  if (!kind) {
    throw new Error(refusal && formatRefusal(refusal));
  }
  checkBundle();
  const { path: envoy } = await findEnvoy();
  const mesh = await LocalMesh.start({
    kind, mesh: [process.execPath, BUNDLE], envoy, name: 'test', port: 0, inject: true, verbose: false, offline: [], ...options,
  });
  try {
    await mesh.engine.load(paths, true, manifest);
    await mesh.engine.settled();
    return mesh;
  } catch (error) {
    await mesh.close();
    throw error;
  }
}

export function get(url: string, more: Partial<HttpCall> = {}): HttpCall {
  return { kind: 'http', url, method: 'GET', headers: {}, version: '1.1', timeoutMs: 10_000, ...more };
}

/** The pods of an app (and version), by `namespace/name`. */
export function podsOf({ engine }: LocalMesh, app: string, version?: string): string[] {
  return engine.pods().filter(({ labels }) => labels.app === app && (version === undefined || labels.version === version))
    .map(({ namespace, name }) => `${namespace}/${name}`);
}

export async function callFrom(mesh: LocalMesh, app: string, call: Call, load: Partial<Load> = {}): Promise<Answer[]> {
  return mesh.engine.send({ pod: podsOf(mesh, app)[0] as string }, call, { times: 1, parallel: 1, ...load });
}

/** How many answers had each status, or the error where there was none. */
export function statuses(answers: readonly Answer[]): Record<string, number> {
  return count(answers.map(({ status, error }) => String(status ?? error)));
}

export function servers(answers: readonly Answer[]): Record<string, number> {
  return count(answers.map(({ headers }) => headers['x-served-by'] ?? 'nobody'));
}

function count(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) {
    counts[word] = (counts[word] ?? 0) + 1;
  }
  return counts;
}

/** Calls until told to stop, and gives all answers. */
export function keepCalling(mesh: LocalMesh, app: string, call: HttpCall): () => Promise<Answer[]> {
  let over = false;
  const answers: Answer[] = [];
  const done = (async () => {
    while (!over) {
      answers.push(...await callFrom(mesh, app, call, { times: 40, parallel: 4 }));
    }
  })();
  return async () => {
    over = true;
    await done;
    return answers;
  };
}
