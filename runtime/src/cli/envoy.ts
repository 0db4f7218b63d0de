import { EnvoyNotFound, findEnvoy, type EnvoyBinary } from '../local/envoy-binary';
import { Failure } from './failure';

/** `mesh envoy`: the path of the Envoy that a mesh would run, fetched first where there is none. For scripts, and for building the image. */
export async function envoy(): Promise<number> {
  const tell = (line: string) => process.stderr.write(`${line}\n`);
  const { path } = await envoyAtHand(tell);
  process.stdout.write(`${path}\n`);
  return 0;
}

/** The Envoy that a mesh runs; where there is none to be had, the user hears why. */
export function envoyAtHand(tell: (line: string) => void): Promise<EnvoyBinary> {
  return findEnvoy({ onProgress: tell }).catch((error: unknown) => {
    throw error instanceof EnvoyNotFound ? new Failure(error.message) : error;
  });
}
