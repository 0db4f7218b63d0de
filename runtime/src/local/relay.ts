import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** As many ports are tried, counting up from the one that was asked for. */
const TRIES = 100;

/** Listens on the host's loopback and hands each connection to a Unix socket, behind which the outside Envoy leads on to a gateway. */
export class Relay {
  private readonly connections = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  /** Takes the first free port from `port` on; 0 takes any. */
  public static async start(port: number, socket: string): Promise<Relay> {
    for (let candidate = port; ; candidate++) {
      const server = createServer({ allowHalfOpen: true });
      try {
        await listen(server, candidate);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // Ports below 1024 may be root's only: there the search goes on above.
        if (code === 'EACCES' && candidate < 1024) candidate += 8079;
        else if (code !== 'EADDRINUSE' || candidate - port > TRIES + 8080 || candidate >= 65_535) throw error;
        continue;
      }
      const relay = new Relay(server);
      server.on('connection', (client) => relay.serve(client, socket));
      return relay;
    }
  }

  public get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Stops to listen and cuts what is open. */
  public close(): void {
    this.server.close();
    for (const connection of this.connections) connection.destroy();
  }

  private serve(client: Socket, socket: string): void {
    const inside = connect({ path: socket, allowHalfOpen: true });
    for (const [one, other] of [[client, inside], [inside, client]] as const) {
      this.connections.add(one);
      one.setNoDelay(true);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.connections.delete(one);
        if (one.destroyed && !one.readableEnded) other.destroy();
      });
      one.pipe(other);
    }
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}
