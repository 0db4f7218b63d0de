import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { isWildcard, mostSpecific } from '../model/host';
import { EchoServer } from './echo-server';
import type { StandInPort } from './outside-config';
import { TestAuthority } from './test-authority';

/** A host outside of the mesh for which the echo server stands in. */
export interface StandIn {
  /** `httpbin.org`, an IPv4 address, or `*.example.org`: whoever is looked up below that. */
  readonly host: string;
  /** @default HTTP at 80 and TLS, with HTTP in it, at 443 */
  readonly ports?: readonly { readonly port: number; readonly protocol: 'http' | 'tls' | 'tcp' }[];
}

export const DEFAULT_PORTS: NonNullable<StandIn['ports']> = [{ port: 80, protocol: 'http' }, { port: 443, protocol: 'tls' }];
/** RFC 2544's addresses are for tests; the upper half belongs to hosts that the host process puts elsewhere. */
const ADDRESSES = 1 << 16;
/** Each has servers of its own. */
const MOST_FOUND = 256;

/** The stand-ins of a run without network: stable addresses, echo servers and certificates. */
export class StandIns {
  private readonly addresses = new Map<string, string>();
  private readonly servers = new Map<string, EchoServer>();
  private readonly authority: TestAuthority;
  private wanted: readonly StandIn[] = [];
  private patterns: ReadonlyMap<string, StandIn['ports']> = new Map();
  /** Names below a wildcard that somebody has looked up. */
  private readonly found = new Map<string, StandIn['ports']>();

  /** `folder` receives sockets and certificates; its path must be short. */
  public constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    this.authority = new TestAuthority(join(folder, 'tls'));
  }

  /** What clients are to trust in place of the public authorities. */
  public get caFile(): string {
    return this.authority.caFile;
  }

  public addressOf(host: string): string | undefined {
    return this.addresses.get(host);
  }

  /** Makes a stand-in of a name that one with a wildcard covers; undefined where none does, or the name has one already. */
  public discover(name: string): readonly StandIn[] | undefined {
    const pattern = mostSpecific(this.patterns.keys(), name);
    if (pattern === undefined || this.addresses.has(name) || this.found.size >= MOST_FOUND) return undefined;
    this.found.set(name, this.patterns.get(pattern));
    return this.wanted;
  }

  /** Makes exactly these stand-ins, and answers the ports at which they are to be reached. */
  public async set(wanted: readonly StandIn[]): Promise<StandInPort[]> {
    this.wanted = wanted;
    this.patterns = new Map(wanted.filter(({ host }) => isWildcard(host)).map(({ host, ports }) => [host, ports]));
    const named = wanted.filter(({ host }) => !isWildcard(host));
    const found = [...this.found].filter(([name]) => mostSpecific(this.patterns.keys(), name) !== undefined && !named.some(({ host }) => host === name));
    const standIns: readonly StandIn[] = [...named, ...found.map(([host, ports]) => ({ host, ...(ports ? { ports } : {}) }))];
    // Programs are told at their start whom to trust.
    await this.authority.make();
    this.assignAddresses(standIns.map(({ host }) => host));
    const ports: StandInPort[] = [];
    for (const { host, ports: wanted = DEFAULT_PORTS } of standIns) {
      for (const { port, protocol } of wanted) {
        const socket = await this.serve(host, protocol === 'tcp' ? 'tcp' : 'http');
        const tls = protocol === 'tls' ? await this.authority.certificateFor(host) : undefined;
        ports.push({ address: this.addresses.get(host) as string, port, socket, ...(tls ? { tls } : {}) });
      }
    }
    this.closeUnused(new Set(ports.map(({ socket }) => socket)));
    return ports;
  }

  public close(): void {
    this.closeUnused(new Set());
  }

  /** By hash of the name, so that they stay the same whatever else is added; a taken one moves on. */
  private assignAddresses(hosts: readonly string[]): void {
    for (const host of [...this.addresses.keys()].filter((known) => !hosts.includes(known))) this.addresses.delete(host);
    for (const host of hosts.filter((name) => isIPv4(name))) this.addresses.set(host, host);
    const taken = new Set(this.addresses.values());
    for (const host of [...hosts].sort().filter((name) => !this.addresses.has(name))) {
      let number = createHash('sha256').update(host).digest().readUInt16BE(0);
      const format = () => `198.18.${number >> 8}.${number & 255}`;
      while ((number & 255) === 0 || taken.has(format())) number = (number + 1) % ADDRESSES;
      taken.add(format());
      this.addresses.set(host, format());
    }
  }

  private async serve(host: string, protocol: 'http' | 'tcp'): Promise<string> {
    const name = createHash('sha256').update(`${host} ${protocol}`).digest('hex').slice(0, 12);
    const socket = join(this.folder, name);
    if (!this.servers.has(socket)) {
      const server = new EchoServer({ service: host, pod: host });
      await server.listen(protocol, { path: socket });
      this.servers.set(socket, server);
    }
    return socket;
  }

  private closeUnused(used: ReadonlySet<string>): void {
    for (const [socket, server] of this.servers) {
      if (used.has(socket)) continue;
      server.close();
      this.servers.delete(socket);
    }
  }
}
