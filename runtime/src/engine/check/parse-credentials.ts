import { CheckFault, show } from './fault';
import { DEFAULT_AUTHORITY, type CertificateWish, type CredentialWishes, type SecretWish, type TlsWish } from './credentials';
import type { RawCertificate, RawFile, RawSecret, RawTls } from './raw';
import { parseWorkload } from './workload';

/** Names that may stand where a certificate or an authority is meant. */
export interface KnownCredentials {
  readonly certificates: ReadonlySet<string>;
  readonly authorities: ReadonlySet<string>;
}

export function parseCredentials({ certificates = {}, secrets = {}, namespace }: RawFile): CredentialWishes {
  const wishes = new Map(Object.entries(certificates).map(([name, raw]) => [name, parseCertificate(raw)]));
  return { certificates: wishes, secrets: parseSecrets(secrets, { path: 'secrets', namespace, known: knownOf(wishes) }) };
}

export function knownOf(certificates: CredentialWishes['certificates']): KnownCredentials {
  return { certificates: new Set(certificates.keys()), authorities: new Set([...certificates.values()].map(({ authority }) => authority)) };
}

function parseCertificate({ hosts, authority = DEFAULT_AUTHORITY, key = 'ecdsa', expired = false, revoked = false }: RawCertificate): CertificateWish {
  return { hosts: typeof hosts === 'string' ? [hosts] : hosts, authority, key, expired, revoked };
}

interface Place {
  readonly path: string;
  readonly namespace?: string;
  readonly known: KnownCredentials;
}

export function parseSecrets(raw: Readonly<Record<string, string | RawSecret>>, { path, namespace, known }: Place): SecretWish[] {
  return Object.entries(raw).map(([text, given]) => {
    const at = `${path} ${text}`;
    const name = parseWorkload(text, namespace);
    if (!name || name.namespace === undefined || name.version !== undefined) {
      throw new CheckFault(at, 'expected NAME.NAMESPACE of a Secret, or NAME with "namespace" at the top of the file');
    }
    const { certificate, trust, revocations = false } = typeof given === 'string' ? { certificate: given } : given;
    checkName('certificate', certificate, known.certificates, at);
    checkName('authority', trust, known.authorities, at);
    return { name: name.app, namespace: name.namespace, certificate, trust, revocations };
  });
}

export function parseTls(raw: RawTls, known: KnownCredentials, path: string): TlsWish {
  const { trust, certificate, sni, version, cipher } = raw;
  checkName('certificate', certificate, known.certificates, path);
  checkName('authority', trust, known.authorities, path);
  return { trust, certificate, sni, cipher, version: version === undefined ? undefined : `TLSv${version}` as TlsWish['version'] };
}

/** A name that nobody made would make a check pass for the wrong reason. */
export function checkName(what: 'certificate' | 'authority', name: string | undefined, known: ReadonlySet<string>, path: string): void {
  if (name !== undefined && !known.has(name)) {
    throw new CheckFault(path, `there is no ${what} ${show(name)}; "certificates" at the top of the file makes ${[...known].join(', ') || 'none'}`);
  }
}
