import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';

import { Registry } from 'prom-client';
import { AuthorityMetrics, MeshAuthority, readAuthoritySettings } from '../../src/ca';

const NAME = 'api.example';

/** One request that waits for its answer. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly answer: ServerResponse;
}

/** A server with TLS that does what a kube-apiserver does only now and then: it forgets, breaks off, and falls silent. Whoever tests says what it answers. */
export class StandIn {
  private readonly asked: Asked[] = [];
  private wake: () => void = () => undefined;

  private constructor(private readonly server: Server, public readonly certificate: string) {
    server.on('request', (request: IncomingMessage, answer: ServerResponse) => {
      this.asked.push({ method: request.method!, url: request.url!, headers: request.headers, answer });
      this.wake();
    });
  }

  public static async start(): Promise<StandIn> {
    const nothing = { keep: { name: 'memory', read: () => Promise.resolve(new Map<string, string>()), write: (files: ReadonlyMap<string, string>) => Promise.resolve(files) }, publish: () => undefined };
    const authority = new MeshAuthority({
      place: nothing, settings: readAuthoritySettings({}), trust: () => ({ domain: 'cluster.local', aliases: [] }), metrics: new AuthorityMetrics(new Registry()), log: () => undefined, onChange: () => undefined,
    });
    await authority.use(undefined);
    const { key, chain, roots } = authority.authority!.issueServer([NAME]);
    authority.close();
    const server = createServer({ key, cert: chain.join('') });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new StandIn(server, roots.join(''));
  }

  public get cluster(): object {
    const { port } = this.server.address() as AddressInfo;
    return { 'server': `https://127.0.0.1:${port}/prefix/`, 'tls-server-name': NAME, 'certificate-authority-data': Buffer.from(this.certificate).toString('base64') };
  }

  public async next(): Promise<Asked> {
    while (this.asked.length === 0) await new Promise<void>((resolve) => { this.wake = resolve; });
    return this.asked.shift()!;
  }

  /** Whoever asked and is gone. */
  public forget(): void {
    this.asked.splice(0);
  }

  public stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
