// The library of certificates reads decorators' metadata when it is loaded.
import 'reflect-metadata';
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, webcrypto, X509Certificate, type KeyObject } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension, BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, SubjectKeyIdentifierExtension, X509CertificateGenerator,
} from '@peculiar/x509';

import { certificatesIn } from './pem';
import { importSigningKey, SHORTEST_RSA_BITS, type KeyType } from './signing-key';
import type { CaFiles } from './signing-material';

export interface RootOptions {
  /** Stands in the subject as the organization. */
  readonly organization: string;
  /** Milliseconds. */
  readonly lifetime: number;
  readonly keyType: KeyType;
  /** @default 2048 */
  readonly rsaBits?: number;
}

/** Istio allows clocks to differ by that. */
export const CLOCK_SKEW_MS = 2 * 60_000;

/** A new authority that nobody above vouches for, in the form of Istio's Secret `istio-ca-secret`. */
export async function makeRoot(options: RootOptions): Promise<CaFiles> {
  const key = options.keyType === 'rsa'
    ? generateKeyPairSync('rsa', { modulusLength: options.rsaBits ?? SHORTEST_RSA_BITS }).privateKey
    : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const certificate = await signRoot(key, options);
  return new Map([['ca-cert.pem', certificate], ['ca-key.pem', key.export({ type: 'pkcs8', format: 'pem' }) as string], ['root-cert.pem', certificate]]);
}

/**
 * A new certificate for the same key, with the old one beside it until it ends: whoever trusts either accepts what was signed before and
 * after. istiod keeps the key for the same reason (security/pkg/pki/ca/selfsignedcarootcertrotator.go).
 */
export async function renewRoot(files: CaFiles, options: RootOptions, now = Date.now()): Promise<CaFiles> {
  const certificate = await signRoot(createPrivateKey(files.get('ca-key.pem')!), options);
  const former = certificatesIn(files.get('root-cert.pem')!).filter((pem) => Date.parse(new X509Certificate(pem).validTo) > now);
  return new Map([...files, ['ca-cert.pem', certificate], ['root-cert.pem', [certificate, ...former].join('')]]);
}

async function signRoot(key: KeyObject, { organization, lifetime }: RootOptions): Promise<string> {
  const { key: privateKey, algorithm } = await importSigningKey(key);
  const publicKey = await webcrypto.subtle.importKey('spki', createPublicKey(key).export({ type: 'spki', format: 'der' }), algorithm, true, ['verify']);
  const identifier = await SubjectKeyIdentifierExtension.create(publicKey);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerialNumber(),
    name: [{ O: [organization] }],
    notBefore: new Date(Date.now() - CLOCK_SKEW_MS),
    notAfter: new Date(Date.now() + lifetime),
    keys: { privateKey, publicKey },
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      identifier,
      new AuthorityKeyIdentifierExtension(identifier.keyId),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

/** 127 bits: positive, and unlike all others (RFC 5280, 4.1.2.2). */
export function newSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
}
