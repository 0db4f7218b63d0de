import { MeshConnection } from '../engine/running-meshes';
import { chooseMesh } from './choose-mesh';
import { Failure } from './failure';

/** `mesh exec SERVICE -- COMMAND`: runs a command inside a pod, with this terminal's input and output; its exit code is ours. */
export async function exec(service: string, argv: readonly string[], { mesh }: { readonly mesh?: string }): Promise<number> {
  const { socket } = await chooseMesh(mesh);
  let code: number | undefined;
  let failure: string | undefined;
  const connection = new MeshConnection(socket, { method: 'exec', of: service, argv, env: terminalEnvironment() }, (output) => {
    if ('stdout' in output) {
      process.stdout.write(Buffer.from(output.stdout, 'base64'));
    } else if ('stderr' in output) {
      process.stderr.write(Buffer.from(output.stderr, 'base64'));
    } else if ('exit' in output) {
      code = output.exit;
    } else if ('error' in output) {
      failure = output.error;
    }
  });
  process.stdin.on('data', (chunk: Buffer) => connection.send({ stdin: chunk.toString('base64') }));
  process.stdin.on('end', () => connection.send({ end: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => connection.send({ signal }));
  }
  await connection.ended();
  process.stdin.destroy();
  if (failure !== undefined) {
    throw new Failure(failure);
  }
  return code ?? 1;
}

function terminalEnvironment(): Record<string, string> {
  const names = ['TERM', 'LANG', 'LC_ALL', 'NO_COLOR'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name] as string]])));
}
