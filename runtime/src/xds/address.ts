import type { Server, ServerCredentials } from '@grpc/grpc-js';

import { removeStaleSocket } from './stale-socket';

const UNIX = 'unix:';

/**
 * Begins to serve.
 *
 * @param address `unix:/path` or `0.0.0.0:15010`
 * @returns the TCP port, 0 for a Unix socket
 */
export async function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  if (address.startsWith(UNIX)) await removeStaleSocket(address.slice(UNIX.length));
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error) reject(new Error(`cannot serve on ${address}: ${error.message}`, { cause: error }));
      else resolve(address.startsWith(UNIX) ? 0 : port);
    });
  });
}
