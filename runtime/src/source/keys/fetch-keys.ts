import { parseKeySet } from '../../model/json-web-key';
import type { KeySource } from '../../model/key-set';
import { fetchText, type FetchOptions } from './fetch-text';

/** Where OpenID Connect Discovery 1.0 has it. */
const DISCOVERY = '/.well-known/openid-configuration';

/**
 * The public keys of an issuer, as a JSON Web Key Set.
 *
 * @throws with a sentence for people
 */
export async function fetchKeys({ uri, issuer, timeout }: KeySource, options: Omit<FetchOptions, 'timeout'>): Promise<string> {
  const all = { ...options, timeout };
  const from = uri || await discover(issuer, all);
  const jwks = await fetchText(from, all);
  if (parseKeySet(jwks).length === 0) {
    throw new Error(`what ${new URL(from).host} answers is no JSON Web Key Set, or holds no key of a kind that Envoy knows`);
  }
  return jwks;
}

async function discover(issuer: string, options: FetchOptions): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}${DISCOVERY}`;
  if (!/^https?:/.test(url) || !URL.canParse(url)) {
    throw new Error(`'${issuer}' is no URL, so it does not tell where its keys are: write jwksUri or jwks`);
  }
  const { jwks_uri: found } = parse(await fetchText(url, options));
  if (typeof found !== 'string' || !/^https?:/.test(found) || !URL.canParse(found)) {
    throw new Error(`${url} does not say where the keys are (jwks_uri)`);
  }
  return found;
}

function parse(text: string): { readonly jwks_uri?: unknown } {
  try {
    return JSON.parse(text) as { jwks_uri?: unknown } ?? {};
  } catch {
    return {};
  }
}
