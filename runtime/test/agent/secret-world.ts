import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CertificateAgent } from '../../src/agent/certificate-agent';
import { readCertificateSettings } from '../../src/agent/certificate-settings';
import { IstioIssuer } from '../../src/agent/istio-issuer';
import { poll, type Answer } from '../xds/envoy-process';
import { TestAuthority } from './test-authority';
import { TlsEnvoy, type TlsEnvoyOptions } from './tls-envoys';

/** An authority, agents and Envoys on the loopback. */
export class SecretWorld {
  public readonly logs: string[] = [];
  public readonly folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  public readonly rootFile = join(this.folder, 'root-cert.pem');
  private readonly agents: CertificateAgent[] = [];
  private readonly envoys: TlsEnvoy[] = [];
  private readonly loads: Load[] = [];

  public static async create(): Promise<SecretWorld> {
    const world = new SecretWorld(await TestAuthority.create());
    world.publishRoots();
    await world.openAuthority();
    return world;
  }

  private constructor(public readonly authority: TestAuthority) {}

  public publishRoots(): void {
    writeFileSync(this.rootFile, this.authority.rootPem);
  }

  public openAuthority(): Promise<void> {
    return this.authority.listen(`unix:${join(this.folder, 'ca')}`);
  }

  /** An agent whose token counts once. */
  public async agent(name: string, env: Record<string, string> = {}): Promise<CertificateAgent> {
    const token = `token of ${name}`;
    this.authority.tokens.add(token);
    const { rootFile } = this;
    const agent = new CertificateAgent({
      rootFile, socket: this.socketOf(name), settings: readCertificateSettings(env), identity: `spiffe://cluster.local/ns/shop/sa/${name}`,
      issuer: (certificate) => new IstioIssuer({
        address: `unix:${join(this.folder, 'ca')}`, serverName: 'istiod.istio-system.svc', rootFile, certificate,
        token: () => Promise.resolve(certificate() ? undefined : token),
      }),
      log: (level, message) => this.logs.push(`${name} ${level} ${message}`),
    });
    this.agents.push(agent);
    await agent.start();
    return agent;
  }

  public envoy(name: string, options: Partial<TlsEnvoyOptions> = {}): TlsEnvoy {
    const envoy = new TlsEnvoy({ folder: join(this.folder, `${name}-envoy`), secretSocket: this.socketOf(name), ...options });
    this.envoys.push(envoy);
    return envoy;
  }

  /** A server and a client that calls it; ready when a call has gone through. */
  public async pair(server: string, client: string): Promise<{ readonly server: TlsEnvoy; readonly client: TlsEnvoy }> {
    const called = this.envoy(server);
    await called.start();
    const calling = this.envoy(client, { callsPort: () => called.port(), delta: true });
    await calling.start();
    await answered(calling);
    return { server: called, client: calling };
  }

  public socketOf(name: string): string {
    return join(this.folder, name, 'sds');
  }

  /** Calls without a pause, until it is stopped or the world ends. */
  public load(envoy: TlsEnvoy): Load {
    const load = new Load(envoy);
    this.loads.push(load);
    return load;
  }

  public async close(): Promise<void> {
    await Promise.all(this.loads.map((load) => load.stop()));
    this.agents.forEach((agent) => agent.stop());
    await Promise.all(this.envoys.map((envoy) => envoy.stop()));
    this.authority.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The first good answer. */
export function answered(envoy: TlsEnvoy): Promise<Answer> {
  return poll(async () => {
    const answer = await envoy.get();
    return answer.status === 200 ? answer : undefined;
  });
}

/** Calls one after the other until it is stopped; tells who called (SAN and serial), and what went wrong. */
class Load {
  public readonly peers = new Set<string>();
  public readonly failures: string[] = [];
  public calls = 0;
  private running = true;
  private readonly done: Promise<void>;

  public constructor(envoy: TlsEnvoy) {
    this.done = this.run(envoy);
  }

  public async stop(): Promise<void> {
    this.running = false;
    await this.done;
  }

  private async run(envoy: TlsEnvoy): Promise<void> {
    while (this.running) {
      this.calls += 1;
      const failure = await envoy.get().then(({ status, body, headers }) => {
        this.peers.add(String(headers['x-peer']));
        return status === 200 ? undefined : `${status} ${body}`;
      }, (error: Error) => error.message);
      if (failure) this.failures.push(`call ${this.calls}: ${failure}`);
    }
  }
}
