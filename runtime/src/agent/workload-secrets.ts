import { contentVersion, encode, type Secret } from '../envoy';
import type { EncodedResource } from '../model/configuration';
import type { SecretSource, StreamEvents } from './secret-stream';
import type { HeldCertificate } from './workload-certificate';

/** Istio's names for a workload's own certificate, and for what it verifies its peers by. */
export const OWN_SECRET = 'default';
const ROOT_SECRET = 'ROOTCA';

/** The two secrets of a workload, as they are at this moment. */
export class WorkloadSecrets implements SecretSource {
  public readonly names: ReadonlySet<string> = new Set([OWN_SECRET, ROOT_SECRET]);
  private readonly encoded = new Map<string, EncodedResource>();

  public get(name: string): EncodedResource | undefined {
    return this.encoded.get(name);
  }

  public setCertificate({ chain, key }: HeldCertificate): void {
    const secret = { name: OWN_SECRET, tlsCertificate: { certificateChain: inline(chain), privateKey: inline(key) } };
    this.set(OWN_SECRET, chain, secret);
  }

  /** @param revocations lists of what authorities have taken back, as PEM; empty: nothing is looked at */
  public setRoots(pem: string, revocations = ''): void {
    this.set(ROOT_SECRET, pem + revocations, { name: ROOT_SECRET, validationContext: { trustedCa: inline(pem), ...(revocations && { crl: inline(revocations) }) } });
  }

  /** The version, which Envoy shows in its dumps, tells of what everybody may see only. */
  private set(name: string, visible: string, secret: Secret): void {
    this.encoded.set(name, { name, version: contentVersion(Buffer.from(visible)), bytes: encode('Secret', secret) });
  }
}

/** What Envoy says of them, for the log. */
export function secretEvents(log: (level: 'warn' | 'error', message: string) => void): StreamEvents {
  return {
    onAck: () => undefined,
    onNack: (names, message) => log('error', `Envoy refuses ${names.join(', ')}: ${message}`),
    onUnknown: (name) => log('warn', `Envoy asks for the secret ${JSON.stringify(name)}: there are ${OWN_SECRET} and ${ROOT_SECRET} only`),
  };
}

function inline(text: string) {
  return { inlineBytes: Buffer.from(text) };
}
