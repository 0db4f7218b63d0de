import { runningMeshes, type RunningMesh } from '../engine/running-meshes';
import { Failure } from './failure';

/** The mesh that a command talks to: the one of that name, else the newest. */
export async function chooseMesh(name: string | undefined): Promise<RunningMesh> {
  const meshes = await runningMeshes();
  const chosen = name === undefined ? meshes[0] : meshes.find(({ status }) => status.name === name);
  if (!chosen) {
    const known = meshes.map(({ status }) => status.name).join(', ');
    throw new Failure(meshes.length === 0 ? 'no mesh runs: start one with mesh up' : `no mesh ${name} runs; there are ${known}`);
  }
  return chosen;
}
