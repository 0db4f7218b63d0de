import { promises as dns } from 'node:dns';
import { createServer, type IncomingMessage } from 'node:http';
import { BlockList, connect, isIPv4, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Inside } from './launch';

/** The method by which the inside asks for the addresses of a name. */
export const RESOLVE = 'local/resolve';
/** The Unix socket, in the run directory, at which the host process takes CONNECT requests. */
export const HOST_SOCKET = 'host';
/** Where a host that the user put elsewhere (`targets`) seems to stand, seen from a pod: RFC 2544's addresses. */
const MAPPED = '198.19.0.';

/** Addresses that mean something inside only; on the host's network they would be somebody else's. */
const OWN_RANGES = new BlockList();
for (const [address, prefix] of [['10.244.0.0', 16], ['10.96.0.0', 16], ['198.18.0.0', 15], ['127.0.0.0', 8], ['0.0.0.0', 8]] as const) {
  OWN_RANGES.addSubnet(address, prefix);
}

export interface HostSideOptions {
  /**
   * Hosts that stand elsewhere: by name, then by port, the address that the host process connects to.
   * @default none: every name is resolved by the host's resolver
   */
  readonly targets?: ReadonlyMap<string, ReadonlyMap<number, { readonly host: string; readonly port: number }>>;
}

/** What the host process does for the inside: resolves names, and connects to addresses outside. */
export class HostSide {
  private readonly targets: [string, ReadonlyMap<number, { readonly host: string; readonly port: number }>][];
  private server: Server | undefined;

  public constructor(private readonly inside: Inside, options: HostSideOptions = {}) {
    this.targets = [...options.targets ?? []];
    inside.channel.handle(RESOLVE, (name: string) => this.resolve(name));
  }

  /** Begins to take CONNECT requests. */
  public async start(): Promise<void> {
    const server = createServer((_request, response) => response.writeHead(405).end());
    server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => this.tunnel(request.url ?? '', client, head));
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.on('error', reject);
      server.listen(join(this.inside.runDirectory, HOST_SOCKET), resolve);
    });
  }

  public close(): void {
    this.server?.close();
  }

  private async resolve(name: string): Promise<readonly string[] | null> {
    const index = this.targets.findIndex(([host]) => host === name);
    if (index >= 0) return [`${MAPPED}${index + 1}`];
    try {
      return (await dns.lookup(name, { all: true, family: 4 })).map(({ address }) => address);
    } catch {
      return null;
    }
  }

  private tunnel(authority: string, client: Duplex, head: Buffer): void {
    const [host = '', port = ''] = authority.split(':');
    const target = this.targetOf(host, Number(port));
    if (!target) {
      client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    const server: Socket = connect(target, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      server.write(head);
      server.pipe(client).pipe(server);
    });
    server.on('error', () => {
      if (server.pending || server.connecting) client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      else client.destroy();
    });
    client.on('error', () => server.destroy());
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
  }

  /** Undefined: nothing of the host's, or a host that stands elsewhere, at a port that it does not have there. */
  private targetOf(host: string, port: number): { host: string; port: number } | undefined {
    if (!host.startsWith(MAPPED)) return isIPv4(host) && !OWN_RANGES.check(host) ? { host, port } : undefined;
    const [, ports] = this.targets[Number(host.slice(MAPPED.length)) - 1] ?? [];
    return ports?.get(port);
  }
}
