// The library of certificates reads decorators' metadata when it is loaded.
import 'reflect-metadata';
import { webcrypto, type KeyObject } from 'node:crypto';
import { cryptoProvider } from '@peculiar/x509';

cryptoProvider.set(webcrypto);

export type KeyType = 'ecdsa' | 'rsa';

/** The shortest RSA key that Istio takes or makes; https://pages.nist.gov/800-57 says the same until 2030. */
export const SHORTEST_RSA_BITS = 2048;
/** A longer one makes each check so slow that asking for it would be an attack. */
export const LONGEST_RSA_BITS = 8192;

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

/** For signing with a key that has no fault. */
export async function importSigningKey(key: KeyObject): Promise<SigningKey> {
  const curve = CURVES[key.asymmetricKeyDetails?.namedCurve as keyof typeof CURVES];
  const algorithm = curve ? { name: 'ECDSA' as const, ...curve } : RSA;
  return { algorithm, key: await webcrypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), algorithm, false, ['sign']) };
}
