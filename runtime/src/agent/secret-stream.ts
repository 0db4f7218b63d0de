import type { Any, DeltaDiscoveryRequest, DeltaDiscoveryResponse, DiscoveryRequest, DiscoveryResponse } from '../envoy';
import { TYPE_URLS, type EncodedResource } from '../model/configuration';

/** What there is to serve. A secret may be missing for now, and come later. */
export interface SecretSource {
  readonly names: ReadonlySet<string>;
  get(name: string): EncodedResource | undefined;
}

/** One stream of an Envoy. It says nothing that the Envoy has, and everything that changes. */
export interface SecretStream<Request> {
  receive(request: Request): void;
  /** Secrets have changed. */
  push(): void;
}

export interface StreamEvents {
  readonly onAck: (names: readonly string[]) => void;
  readonly onNack: (names: readonly string[], message: string) => void;
  readonly onUnknown: (name: string) => void;
}

/** State of the world (`apiType: GRPC`): each answer holds all secrets that the stream asks for. Envoy opens one stream for each secret. */
export class WholeStream implements SecretStream<DiscoveryRequest> {
  private names: readonly string[] = [];
  private version = '';
  private nonce = 0;

  public constructor(private readonly source: SecretSource, private readonly send: (response: DiscoveryResponse) => void, private readonly events: StreamEvents) {}

  public receive(request: DiscoveryRequest): void {
    const { resourceNames = [], responseNonce = '', versionInfo = '', errorDetail } = request;
    const asked = known(resourceNames, this.source, this.events);
    // An Envoy that connects again says what it has.
    if (this.nonce === 0) this.version = versionInfo;
    this.names = asked;
    if (responseNonce === String(this.nonce)) {
      if (errorDetail) return this.events.onNack(asked, errorDetail.message ?? '');
      if (this.nonce > 0) this.events.onAck(asked);
    }
    this.push();
  }

  public push(): void {
    const secrets = this.names.flatMap((name) => this.source.get(name) ?? []);
    // While one is missing the Envoy waits for it, with what it has.
    if (secrets.length === 0 || secrets.length < this.names.length) return;
    const version = versionOf(secrets);
    if (version === this.version) return;
    this.version = version;
    this.send({ versionInfo: version, typeUrl: TYPE_URLS.secret, nonce: String(++this.nonce), resources: secrets.map(resource) });
  }
}

/** Differences only (`apiType: DELTA_GRPC`). */
export class DeltaStream implements SecretStream<DeltaDiscoveryRequest> {
  private readonly versions = new Map<string, string>();
  private sent: readonly string[] = [];
  private nonce = 0;

  public constructor(private readonly source: SecretSource, private readonly send: (response: DeltaDiscoveryResponse) => void, private readonly events: StreamEvents) {}

  public receive(request: DeltaDiscoveryRequest): void {
    const { resourceNamesSubscribe = [], resourceNamesUnsubscribe = [], initialResourceVersions = {}, responseNonce = '', errorDetail } = request;
    for (const name of resourceNamesUnsubscribe) this.versions.delete(name);
    for (const name of known(resourceNamesSubscribe, this.source, this.events)) {
      this.versions.set(name, Object.hasOwn(initialResourceVersions, name) ? initialResourceVersions[name] as string : '');
    }
    if (responseNonce !== '' && responseNonce === String(this.nonce)) {
      if (errorDetail) return this.events.onNack(this.sent, errorDetail.message ?? '');
      this.events.onAck(this.sent);
    }
    this.push();
  }

  public push(): void {
    const changed = [...this.versions].flatMap(([name, version]) => {
      const secret = this.source.get(name);
      return secret && secret.version !== version ? [secret] : [];
    });
    if (changed.length === 0) return;
    for (const { name, version } of changed) this.versions.set(name, version);
    this.sent = changed.map(({ name }) => name);
    this.send({
      typeUrl: TYPE_URLS.secret, nonce: String(++this.nonce), systemVersionInfo: versionOf(changed),
      resources: changed.map((secret) => ({ name: secret.name, version: secret.version, resource: resource(secret) })),
    });
  }
}

function known(names: readonly string[], source: SecretSource, { onUnknown }: StreamEvents): readonly string[] {
  names.filter((name) => !source.names.has(name)).forEach(onUnknown);
  return names.filter((name) => source.names.has(name));
}

function resource({ bytes }: EncodedResource): Any {
  return { typeUrl: TYPE_URLS.secret, value: bytes };
}

function versionOf(secrets: readonly EncodedResource[]): string {
  return secrets.map(({ version }) => version).join(',');
}
