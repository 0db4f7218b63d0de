import { parseArgs } from 'node:util';
import { EchoServer, type EchoProtocol } from './echo-server';

/** Ports, separated by commas, at which the server speaks first: what MySQL, SMTP and others do. */
const SERVER_FIRST = 'ECHO_SERVER_FIRST';

/**
 * `mesh echo --service reviews --version v1 --namespace bookinfo --http 9080 --tcp 9000`: runs the echo server until SIGTERM. The pod's
 * name comes from HOSTNAME, and ECHO_SERVER_FIRST lists the ports at which it is to speak first. Resolves with the exit code.
 */
export async function runEcho(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      service: { type: 'string' }, version: { type: 'string' }, namespace: { type: 'string' },
      http: { type: 'string', multiple: true }, tcp: { type: 'string', multiple: true },
    },
  });
  const { service = 'echo', version, namespace, http = [], tcp = [] } = values;
  const server = new EchoServer({ service, version, pod: process.env.HOSTNAME ?? service, namespace });
  const first = new Set((process.env[SERVER_FIRST] ?? '').split(',').map((port) => port.trim()).filter((port) => /^\d+$/.test(port)));
  const listen = (protocol: EchoProtocol, port: string) =>
    server.listen(first.has(port) ? 'server-first' : protocol, { port: Number(port), host: '0.0.0.0' });
  const ended = new Promise<number>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(0));
  });
  await Promise.all([
    ...http.map((port) => listen('http', port)),
    ...tcp.map((port) => listen('tcp', port)),
  ]);
  // A pod may declare no port and be a client only: it must live nevertheless, and nothing else keeps this process.
  const alive = setInterval(() => undefined, 1 << 30);
  await ended;
  clearInterval(alive);
  server.close();
  return 0;
}
