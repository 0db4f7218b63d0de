// The library of certificates reads decorators' metadata when it is loaded.
import 'reflect-metadata';
import { webcrypto, type KeyObject } from 'node:crypto';
import { cryptoProvider } from '@peculiar/x509';

cryptoProvider.set(webcrypto);

export type KeyType = 'ecdsa' | 'rsa';

/** The shortest RSA key that Istio takes or makes; https://pages.nist.gov/800-57 says the same until 2030. */
export const SHORTEST_RSA_BITS = 2048;
/** A longer one makes each check so slow that asking for it would be an attack. */
const LONGEST_RSA_BITS = 8192;

const CURVES = {
  prime256v1: { namedCurve: 'P-256', hash: 'SHA-256' },
  secp384r1: { namedCurve: 'P-384', hash: 'SHA-384' },
  secp521r1: { namedCurve: 'P-521', hash: 'SHA-512' },
} as const;
const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const;

/** A private key as the generator of certificates wants it. */
export interface SigningKey {
  readonly key: webcrypto.CryptoKey;
  readonly algorithm: EcdsaAlgorithm | typeof RSA;
}

interface EcdsaAlgorithm {
  readonly name: 'ECDSA';
  readonly namedCurve: string;
  readonly hash: string;
}

/** What is wrong with a key of an authority or a workload, or undefined: Envoy takes these curves and RSA from 2048 bits. */
export function keyFault({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): string | undefined {
  if (asymmetricKeyType === 'ec') {
    const { namedCurve = '' } = asymmetricKeyDetails;
    return namedCurve in CURVES ? undefined : `is an elliptic key on ${namedCurve || 'an unnamed curve'}, expected P-256, P-384 or P-521`;
  }
  if (asymmetricKeyType !== 'rsa') return `is a key of type ${asymmetricKeyType}, expected ECDSA or RSA`;
  const { modulusLength = 0 } = asymmetricKeyDetails;
  return modulusLength >= SHORTEST_RSA_BITS && modulusLength <= LONGEST_RSA_BITS
    ? undefined : `is an RSA key of ${modulusLength} bits, expected ${SHORTEST_RSA_BITS} to ${LONGEST_RSA_BITS}`;
}

/** `AlgorithmIdentifier` of signatures, DER: ecdsa-with-SHA… (RFC 5758, 3.2) and sha256WithRSAEncryption (RFC 4055, 5). */
const SIGNATURES = {
  prime256v1: { hash: 'sha256', algorithm: Buffer.from('300a06082a8648ce3d040302', 'hex') },
  secp384r1: { hash: 'sha384', algorithm: Buffer.from('300a06082a8648ce3d040303', 'hex') },
  secp521r1: { hash: 'sha512', algorithm: Buffer.from('300a06082a8648ce3d040304', 'hex') },
} as const;
const RSA_SIGNATURE = { hash: 'sha256', algorithm: Buffer.from('300d06092a864886f70d01010b0500', 'hex') } as const;

/** How a key that has no fault signs. */
export function nodeSignature({ asymmetricKeyDetails }: KeyObject): { readonly hash: string; readonly algorithm: Uint8Array } {
  return SIGNATURES[asymmetricKeyDetails?.namedCurve as keyof typeof SIGNATURES] ?? RSA_SIGNATURE;
}

/** For signing with a key that has no fault. */
export async function importSigningKey(key: KeyObject): Promise<SigningKey> {
  const curve = CURVES[key.asymmetricKeyDetails?.namedCurve as keyof typeof CURVES];
  const algorithm = curve ? { name: 'ECDSA' as const, ...curve } : RSA;
  return { algorithm, key: await webcrypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), algorithm, false, ['sign']) };
}
