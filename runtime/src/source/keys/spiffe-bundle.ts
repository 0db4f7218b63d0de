import { X509Certificate } from 'node:crypto';
import type { KeySource } from '../../model/key-set';
import { fetchText, type FetchOptions } from './fetch-text';

/** What a key of a bundle is for, where it is a root of certificates. */
const ROOT_USE = 'x509-svid';

/**
 * The text of a SPIFFE bundle, which is a JSON Web Key Set; https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE_Trust_Domain_and_Bundle.md
 *
 * @throws with a sentence for people
 */
export async function fetchBundle({ uri, timeout }: Pick<KeySource, 'uri' | 'timeout'>, options: Omit<FetchOptions, 'timeout'>): Promise<string> {
  const text = await fetchText(uri, { ...options, timeout });
  if (parseBundle(text).length === 0) {
    throw new Error(`what ${new URL(uri).host} answers is no SPIFFE bundle, or holds no root (a key with "use": "${ROOT_USE}" and x5c)`);
  }
  return text;
}

/** The roots of a bundle, as PEM; what is none is left out. */
export function parseBundle(text: string): string[] {
  return keysOf(text).flatMap(({ use, x5c }) => (use === ROOT_USE && typeof x5c?.[0] === 'string' ? rootOf(x5c[0]) : []));
}

interface BundleKey {
  readonly use?: string;
  /** Base64 of DER. */
  readonly x5c?: readonly unknown[];
}

function keysOf(text: string): readonly BundleKey[] {
  try {
    const { keys } = JSON.parse(text) as { readonly keys?: unknown };
    return Array.isArray(keys) ? keys.filter((key): key is BundleKey => typeof key === 'object' && key !== null) : [];
  } catch {
    return [];
  }
}

function rootOf(der: string): string[] {
  try {
    const certificate = new X509Certificate(Buffer.from(der, 'base64'));
    return certificate.ca ? [certificate.toString()] : [];
  } catch {
    return [];
  }
}
