import pc from 'picocolors';

import { MeshConnection } from '../engine/running-meshes';
import { chooseMesh } from './choose-mesh';
import { Failure } from './failure';

interface LogsOptions {
  readonly follow?: boolean;
  readonly container?: string;
  readonly mesh?: string;
  readonly output: 'text' | 'json';
}

/** `mesh logs`: what containers and proxies have written. */
export async function logs(service: string | undefined, options: LogsOptions): Promise<number> {
  const { socket } = await chooseMesh(options.mesh);
  let failure: string | undefined;
  const connection = new MeshConnection(socket, {
    method: 'logs', follow: options.follow ?? false,
    ...(service === undefined ? {} : { of: service }), ...(options.container === undefined ? {} : { container: options.container }),
  }, (output) => {
    if ('log' in output) {
      const { pod, container, text } = output.log;
      process.stdout.write(options.output === 'json' ? `${JSON.stringify(output.log)}\n` : `${pc.dim(`${pod.slice(pod.indexOf('/') + 1)} ${container}`)}  ${text}\n`);
    } else if ('error' in output) {
      failure = output.error;
    }
  });
  await connection.ended();
  if (failure !== undefined) {
    throw new Failure(failure);
  }
  return 0;
}
