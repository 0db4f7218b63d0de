import type { RequestAuthenticationSpecJwtRules as Spec } from '../../../../imports/istio/request-authentication.types';
import { attach } from '../../model/attachment';
import type { Place } from '../../model/place';
import { readHeaderToken } from '../header-format';
import type { Reader } from '../reader';
import type { TokenRule } from './model';
import { tokenRules } from './model';
import { readKeys } from './read-keys';

/** https://istio.io/latest/docs/reference/config/security/request_authentication/ */
export const jwtReader: Reader = {
  policies: {
    RequestAuthentication(spec, place) {
      const rules = (spec.jwtRules ?? []).map((rule, i) => readRule(rule ?? {}, place.at('jwtRules').at(i)));
      return rules.length > 0 ? [attach(tokenRules, rules)] : [];
    },
  },
};

/** A rule of which something that decides cannot be read stays, and refuses every token: without it, tokens would not be looked at. */
function readRule(spec: Spec, place: Place): TokenRule {
  const audiences = readAudiences(spec, place);
  const locations = readLocations(spec, place);
  return {
    issuer: spec.issuer ?? '',
    audiences: audiences ?? [],
    keys: audiences && locations ? readKeys(spec, place) : 'unreadable',
    ...(locations ?? { headers: [], params: [], cookies: [] }),
    forward: spec.forwardOriginalToken ?? false,
    payloadHeader: spec.outputPayloadToHeader ? readHeaderToken(spec.outputPayloadToHeader, place.at('outputPayloadToHeader')) : undefined,
    claimHeaders: readClaimHeaders(spec, place.at('outputClaimToHeaders')),
    wordLists: spec.spaceDelimitedClaims ?? [],
    path: place.path,
  };
}

function readAudiences({ audiences = [] }: Spec, place: Place): readonly string[] | undefined {
  const empty = audiences.indexOf('');
  if (empty >= 0) {
    place.at('audiences').at(empty).problem('is empty: name who the tokens are for; until then no token of the rule is accepted');
    return undefined;
  }
  return audiences;
}

type Locations = Pick<TokenRule, 'headers' | 'params' | 'cookies'>;

/** What has no name is nowhere; and without any place, the default ones would do. */
function readLocations({ fromHeaders = [], fromParams = [], fromCookies = [] }: Spec, place: Place): Locations | undefined {
  const headers = fromHeaders.flatMap(({ name, prefix = '' }, i) => {
    const token = readHeaderToken(name ?? '', place.at('fromHeaders').at(i).at('name'));
    return token === undefined ? [] : [{ name: token, prefix }];
  });
  const params = named(fromParams, place.at('fromParams'));
  const cookies = named(fromCookies, place.at('fromCookies'));
  const given = fromHeaders.length + fromParams.length + fromCookies.length;
  if (given > 0 && headers.length + params.length + cookies.length === 0) {
    place.problem('has no place left in which a token could stand: until then no token of the rule is accepted');
    return undefined;
  }
  return { headers, params, cookies };
}

function named(names: readonly string[], place: Place): string[] {
  return names.filter((name, i) => {
    if (name === '') {
      place.at(i).problem('is empty: it is left out');
    }
    return name !== '';
  });
}

function readClaimHeaders({ outputClaimToHeaders = [] }: Spec, place: Place): TokenRule['claimHeaders'] {
  return outputClaimToHeaders.flatMap(({ claim = '', header = '' }, i) => {
    const name = readHeaderToken(header, place.at(i).at('header'));
    if (claim === '') {
      place.at(i).at('claim').problem('is empty: name the claim that the header is to hold; it is left out');
    }
    return name === undefined || claim === '' ? [] : [{ claim, header: name }];
  });
}
