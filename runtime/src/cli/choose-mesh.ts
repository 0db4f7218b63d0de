import { runningMeshes, type RunningMesh } from '../engine/running-meshes';
import { Failure } from './failure';

/** The mesh that a command talks to: the one of that name, else the newest. Whoever did not choose among several is told whom they got. */
export async function chooseMesh(name: string | undefined, say: (line: string) => void = warn): Promise<RunningMesh> {
  return choose(await runningMeshes(), name, say);
}

/** The same among these, the newest first. */
export function choose<M extends { readonly status: { readonly name: string } }>(meshes: readonly M[], name: string | undefined, say: (line: string) => void): M {
  const chosen = name === undefined ? meshes[0] : meshes.find(({ status }) => status.name === name);
  if (!chosen) {
    const known = meshes.map(({ status }) => status.name).join(', ');
    throw new Failure(meshes.length === 0 ? 'no mesh runs: start one with mesh up' : `no mesh ${name} runs; there are ${known}`);
  }
  if (name === undefined && meshes.length > 1) {
    const others = meshes.slice(1).map((mesh) => mesh.status.name).join(', ');
    say(`${meshes.length} meshes run: this is the newest, ${chosen.status.name}; --mesh chooses another (${others})`);
  }
  return chosen;
}

/** Beside the output, which programs read. */
function warn(line: string): void {
  process.stderr.write(`${line}\n`);
}
