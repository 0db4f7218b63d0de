import { EnvoyNotFound, findEnvoy } from '../local/envoy-binary';
import { Failure } from './failure';

/** `mesh envoy`: the path of the Envoy that a mesh would run, fetched first where there is none. For scripts, and for building the image. */
export async function envoy(): Promise<number> {
  const tell = (line: string) => process.stderr.write(`${line}\n`);
  const { path } = await findEnvoy({ onProgress: tell }).catch((error: unknown) => {
    throw error instanceof EnvoyNotFound ? new Failure(error.message) : error;
  });
  process.stdout.write(`${path}\n`);
  return 0;
}
