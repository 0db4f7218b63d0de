import type { RequestAuthenticationSpecJwtRules as Spec } from '../../../../imports/istio/request-authentication.types';
import { isSecret, parseKeySet } from '../../model/json-web-key';
import type { KeySource } from '../../model/key-set';
import type { Place } from '../../model/place';
import { readDuration } from '../duration';
import type { TokenRule } from './model';

/** As long as Istio waits. */
const FETCH_TIMEOUT = 5000;
const UNTIL_THEN = 'until then no token of the rule is accepted';

export function readKeys(spec: Spec, place: Place): TokenRule['keys'] {
  const uri = spec.jwksUri || spec.jwks_uri || '';
  const source = readSource(spec, uri, place);
  return source === undefined ? 'unreadable' : spec.jwks ? readInline(spec.jwks, place.at('jwks')) : source;
}

function readSource({ issuer = '', timeout }: Spec, uri: string, place: Place): KeySource | undefined {
  if (issuer === '' && uri === '') {
    place.problem(`names neither an issuer nor a jwksUri: whose tokens are meant? ${UNTIL_THEN}`);
    return undefined;
  }
  const fault = uri && faultOfUri(uri);
  if (fault) {
    place.at('jwksUri').problem(`'${uri}' ${fault}: ${UNTIL_THEN}`);
    return undefined;
  }
  return { uri, issuer, timeout: readDuration(timeout, place.at('timeout')) || FETCH_TIMEOUT };
}

function faultOfUri(text: string): string | undefined {
  if (!URL.canParse(text)) {
    return 'is not a URL';
  }
  const { protocol, hostname } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && hostname !== '' ? undefined : 'is no URL of HTTP or HTTPS';
}

function readInline(jwks: string, place: Place): TokenRule['keys'] {
  const keys = parseKeySet(jwks);
  if (keys.length === 0) {
    place.problem(`holds no public key of a kind that Envoy knows: write a JSON Web Key Set, {"keys": […]}, with RSA, EC or Ed25519 keys; ${UNTIL_THEN}`);
    return 'unreadable';
  }
  if (keys.some(isSecret)) {
    place.problem('holds a private key, with which whoever reads this object can make tokens: only public keys are needed here', 'warning');
  }
  return { jwks };
}
