import { createPublicKey } from 'node:crypto';

type Key = Readonly<Record<string, unknown>>;

/** Curves, and the algorithm that goes with each; https://www.rfc-editor.org/rfc/rfc7518#section-3.4 */
const CURVES: Readonly<Record<string, string>> = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' };
/** Below this no library takes it. */
const SMALLEST_MODULUS = 512;

/** A public key whose private half was thrown away when it was made: no token is signed with it. */
export const NOBODYS_KEY = '{"keys":[{"kty":"RSA","e":"AQAB","n":"3AQHCqSp6wlLLQa3F7TbLqwZwj2200XId8l42k5-j-GnOxn-8D_a7z7NW6ViYdidvZ8RvXI0qADHSblbfVlXhJm1Ht3w'
  + 'mfyFj6uA1iHqdUkPKDh2M9d21BuyhU9NrGRq0KL24S8U7pGUlrSX0WiSuTh3sPpwK597Rzbgbgoy0Re32i4RGcIN7RJGmcbJl71aYMM-89VOjXWpMp2A0LNCMDTh1XQa7V4mxIcPWP3'
  + 'MKST031p2-4jSz1W-bLkyhvL0xYiLoXsjL1O6T4IInxsPBQfmIDuk1MyDD27l-l4_QiWvu8fZpdXc8aSllnMHLZmwsO8f-OxRR27q3IAfGiE_Qw"}]}';

/** The keys of a JSON Web Key Set (RFC 7517) that Envoy takes. It refuses the listener if there is none, whatever else the set holds. */
export function parseKeySet(text: string): readonly Key[] {
  try {
    const { keys } = JSON.parse(text) as { keys?: unknown };
    return Array.isArray(keys) ? keys.filter(isUsable) : [];
  } catch {
    return [];
  }
}

/** Whether whoever has the key can make tokens, not only verify them. */
export function isSecret({ kty, d }: Key): boolean {
  return kty === 'oct' || d !== undefined;
}

function isUsable(key: unknown): key is Key {
  if (typeof key !== 'object' || key === null) {
    return false;
  }
  const { kty, crv, alg, k } = key as Key;
  switch (kty) {
    case 'RSA':
      return (detailsOf(key as Key)?.modulusLength ?? 0) >= SMALLEST_MODULUS;
    case 'EC':
      return typeof crv === 'string' && Object.hasOwn(CURVES, crv) && (typeof alg !== 'string' || alg === CURVES[crv]) && detailsOf(key as Key) !== undefined;
    case 'OKP':
      return crv === 'Ed25519' && (typeof alg !== 'string' || alg === 'EdDSA') && detailsOf(key as Key) !== undefined;
    case 'oct':
      return typeof k === 'string' && /^[A-Za-z0-9_-]+$/.test(k);
    default:
      return false;
  }
}

function detailsOf({ kty, n, e, crv, x, y }: Key): { readonly modulusLength?: number } | undefined {
  try {
    return createPublicKey({ key: { kty, n, e, crv, x, y } as { kty: string }, format: 'jwk' }).asymmetricKeyDetails ?? {};
  } catch {
    return undefined;
  }
}
