import { promises as dns } from 'node:dns';
import { request } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';

/** How the control plane gets at hosts outside. */
export interface Dialer {
  addressesOf(host: string): Promise<readonly string[]>;
  connect(address: string, port: number, signal: AbortSignal): Promise<Socket>;
}

/** By the machine's own network. */
export const DIRECT: Dialer = {
  addressesOf: async (host) => (await dns.lookup(host, { all: true })).map(({ address }) => address),
  connect: (address, port, signal) => new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    const abort = () => socket.destroy(new Error('it takes too long'));
    signal.addEventListener('abort', abort, { once: true });
    socket.once('connect', () => resolve(socket)).once('error', reject);
  }),
};

/** Through a process that is somewhere else: it resolves names by `resolver`, and takes CONNECT requests at a Unix socket. */
export function through(socketPath: string, resolver: string): Dialer {
  const names = new dns.Resolver();
  names.setServers([resolver]);
  return {
    addressesOf: (host) => names.resolve4(host),
    connect: (address, port, signal) => new Promise((resolve, reject) => {
      const asking = request({ socketPath, method: 'CONNECT', path: `${address}:${port}`, signal });
      asking.once('connect', (answer, socket) => {
        if (answer.statusCode === 200) resolve(socket as Socket);
        else reject(new Error(`nothing answers at ${address}:${port}`));
      });
      asking.once('error', reject).end();
    }),
  };
}

/** Nothing outside is reached. */
export function nowhere(reason: string): Dialer {
  const refuse = () => Promise.reject(new Error(reason));
  return { addressesOf: (host) => (isIP(host) ? Promise.resolve([host]) : refuse()), connect: refuse };
}
