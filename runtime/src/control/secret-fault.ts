import { createPrivateKey, X509Certificate } from 'node:crypto';
import { secretEntries } from '../compile';
import type { Resource } from '../model/resource';

export interface SecretFault {
  readonly entry: string;
  readonly message: string;
}

const PAIRS = [['cert', 'key'], ['tls.crt', 'tls.key']] as const;
const AUTHORITIES = ['cacert', 'ca.crt'] as const;
const REVOCATIONS = ['crl', 'ca.crl'] as const;
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

const known = new WeakMap<Resource, SecretFault | null>();

/**
 * What Envoy would refuse of a Secret for TLS. Istio looks at certificates before it hands them out, too: a certificate that Envoy cannot
 * load would stop the listener, and with it all other hosts of its port (VERIFY_SDS_CERTIFICATE of
 * https://istio.io/latest/docs/reference/commands/pilot-discovery/).
 */
export function secretFault(secret: Resource): SecretFault | undefined {
  let fault = known.get(secret);
  if (fault === undefined) {
    known.set(secret, fault = find(secretEntries(secret)) ?? null);
  }
  return fault ?? undefined;
}

type Entries = ReadonlyMap<string, Uint8Array>;

function find(entries: Entries): SecretFault | undefined {
  for (const [certificate, key] of PAIRS) {
    const fault = pairFault(entries, certificate, key);
    if (fault) return fault;
  }
  return firstFault(entries, AUTHORITIES, authorityFault) ?? firstFault(entries, REVOCATIONS, revocationFault);
}

/** Half a pair is none, which whoever names the Secret is told. */
function pairFault(entries: Entries, certificate: string, key: string): SecretFault | undefined {
  const [chain, secret] = [textOf(entries, certificate), textOf(entries, key)];
  if (!chain || !secret) return undefined;
  const message = certificateFault(chain);
  if (message) return { entry: certificate, message };
  try {
    return new X509Certificate(chain).checkPrivateKey(createPrivateKey(secret))
      ? undefined : { entry: key, message: `is not the key of the certificate in ${certificate}` };
  } catch (error) {
    return { entry: key, message: `is no private key in PEM without a password (${reason(error)})` };
  }
}

function certificateFault(text: string): string | undefined {
  const blocks = blocksOf(text, 'CERTIFICATE');
  if (blocks.length === 0) return 'holds no certificate in PEM (-----BEGIN CERTIFICATE-----)';
  try {
    blocks.forEach((block) => new X509Certificate(block));
    return undefined;
  } catch (error) {
    return `holds a certificate that cannot be read (${reason(error)})`;
  }
}

/** Files of authorities may hold revocation lists as well. */
function authorityFault(text: string): string | undefined {
  return certificateFault(text) ?? (blocksOf(text, 'X509 CRL').every(isDer) ? undefined : 'holds a revocation list that cannot be read');
}

function revocationFault(text: string): string | undefined {
  const blocks = blocksOf(text, 'X509 CRL');
  if (blocks.length === 0) return 'holds no revocation list in PEM (-----BEGIN X509 CRL-----)';
  return blocks.every(isDer) ? undefined : 'holds a revocation list that cannot be read';
}

function firstFault(entries: Entries, names: readonly string[], faultOf: (text: string) => string | undefined): SecretFault | undefined {
  for (const entry of names) {
    const text = textOf(entries, entry);
    const message = text && faultOf(text);
    if (message) return { entry, message };
  }
  return undefined;
}

function textOf(entries: Entries, name: string): string {
  return Buffer.from(entries.get(name) ?? []).toString('latin1');
}

function blocksOf(text: string, label: string): string[] {
  return [...text.matchAll(BLOCK)].filter(([, found]) => found === label).map(([block]) => block);
}

/** One DER sequence as long as it says. Nobody but BoringSSL looks further into lists. */
function isDer(block: string): boolean {
  const bytes = Buffer.from(block.replace(/-----[^-]+-----/g, ''), 'base64');
  const more = bytes[1] < 0x80 ? 0 : bytes[1] - 0x80;
  if (bytes[0] !== 0x30 || more > 4 || bytes.length < 2 + more) return false;
  return bytes.length === 2 + more + (more === 0 ? bytes[1] : bytes.readUIntBE(2, more));
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
