import { AuthorityMetrics, JoinTokens, readAuthoritySettings, type AuthoritySettings } from '../ca';
import { parseNode, type Compiler } from '../compile';
import type { ControlMetrics } from '../control/metrics';
import { SecuredPort } from '../control/secured-port';
import { TrustCenter } from '../control/trust';
import type { Identity } from '../model/identity';
import type { Problem } from '../model/problem';
import type { Snapshot } from '../model/snapshot';
import type { KeyStore } from '../source/keys';
import type { XdsServer } from '../xds';
import { chooseHome, type Home, type HomeOptions } from './authority-home';
import { readCacerts } from './cacerts';
import { Failure } from './failure';

export interface SecuredOptions extends HomeOptions {
  readonly secure?: string;
  readonly cacerts?: string;
}

interface SecuredParts {
  readonly server: XdsServer;
  readonly compiler: Compiler;
  readonly metrics: ControlMetrics;
  readonly log: (level: 'info' | 'warn', event: object, message: string) => void;
  readonly bundles: (onChange: () => void) => KeyStore;
  readonly onChange: () => void;
}

interface Where {
  readonly home: Home;
  readonly cacerts: string | undefined;
  readonly settings: AuthoritySettings;
}

/** The secured port and the authority behind it, as the command line and the environment want them. */
export class Secured {
  private readonly tokens: JoinTokens;
  private readonly center: TrustCenter;
  private readonly bundles: KeyStore;
  private readonly metrics: AuthorityMetrics;
  private port: Promise<SecuredPort | undefined> | undefined;
  private closed = false;
  private fail: (failure: Failure) => void = () => undefined;
  /** Rejects where the port cannot be opened: as with the plain ones, there is no going on. */
  public readonly failed = new Promise<never>((_, reject) => { this.fail = reject; });

  /** Undefined where no secured port is wanted. */
  public static create(options: SecuredOptions, parts: SecuredParts): Secured | undefined {
    if (options.secure === undefined) return undefined;
    const [cacerts, settings] = [chooseCacerts(options.cacerts), readSettings()];
    return new Secured(options.secure, { home: chooseHome(options, parts.log), cacerts, settings }, parts);
  }

  private constructor(private readonly address: string, private readonly where: Where, private readonly parts: SecuredParts) {
    const { home: { place, namespace, followSecret, tokens }, cacerts, settings } = where;
    this.tokens = new JoinTokens(tokens);
    this.metrics = new AuthorityMetrics(parts.metrics.registry);
    this.bundles = parts.bundles(() => this.center.bundlesChanged());
    this.center = new TrustCenter({
      bundles: this.bundles,
      place, namespace, settings, metrics: this.metrics, log: parts.log, trustOf: (snapshot) => parts.compiler.trust(snapshot),
      ...(followSecret ? { followSecret } : {}), ...(cacerts === undefined ? {} : { cacerts }), onChange: () => this.changed(),
    });
  }

  /** Takes what the source knows now; the port opens when it is known what to sign with. */
  public update(snapshot: Snapshot): void {
    void this.center.update(snapshot);
  }

  /** A workload of that identity may come with that token, once. */
  public join(token: string, identity: Identity): void {
    this.tokens.add(token, identity);
  }

  public problems(): readonly Problem[] {
    return this.center.problems();
  }

  public close(): void {
    this.closed = true;
    this.center.close();
    this.where.home.close();
    this.bundles.close();
    void this.port?.then((port) => port?.close());
  }

  private changed(): void {
    const { authority } = this.center.authority;
    if (authority && !this.closed) {
      if (this.port) void this.port.then((port) => port?.renew());
      else this.port = this.open(authority);
    }
    this.parts.onChange();
  }

  private async open(authority: NonNullable<TrustCenter['authority']['authority']>): Promise<SecuredPort | undefined> {
    const { server: xds, log } = this.parts;
    try {
      const { namespace, authenticators } = this.where.home;
      const hosts = [...namesIn(namespace), ...(process.env.ISTIOD_CUSTOM_HOST?.split(',').filter(Boolean) ?? [])];
      const port = await SecuredPort.open(this.address, {
        xds, authority, hosts, log, authenticators: [this.tokens, ...authenticators], metrics: this.metrics, trust: () => this.center.trust, parseNode,
      });
      log('info', { address: this.address }, 'serving certificates and xDS with TLS');
      return port;
    } catch (error) {
      this.fail(new Failure((error as Error).message));
      return undefined;
    }
  }
}

/** What agents call the control plane, as in istiod's certificate. */
function namesIn(namespace: string): string[] {
  return [`istiod.${namespace}.svc`, `istiod.${namespace}`, `istiod-remote.${namespace}.svc`, `istio-pilot.${namespace}.svc`];
}

function chooseCacerts(given: string | undefined): string | undefined {
  if (given === undefined) return process.env.ROOT_CA_DIR || undefined;
  // What is wrong inside may be mended while this process runs: certificates are signed then.
  readCacerts(given);
  return given;
}

function readSettings(): AuthoritySettings {
  try {
    return readAuthoritySettings(process.env);
  } catch (error) {
    throw new Failure((error as Error).message);
  }
}
