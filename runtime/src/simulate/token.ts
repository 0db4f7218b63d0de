import type { JwtAuthentication, JwtProvider, JwtRequirement } from '../envoy';
import type { Token } from './call';
import { modelled, NotModelled } from './modelled';
import type { Request } from './request';
import { takes } from './route-match';

/** What comes of looking for a token. */
export interface TokenReading {
  /** The answer to a request whose token is not good, or that has none and needs one. */
  readonly status?: 401 | 403;
  /** What the filter writes down of a good token. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Whether the route is chosen again, now that the claims are known. */
  readonly reroutes: boolean;
}

type Result = 'missing' | 'wrong' | 'wrong audience' | readonly JwtProvider[];

const NOTHING: TokenReading = { reroutes: false };

/** Of the rules the first that takes the request holds; https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/jwt_authn_filter */
export function readToken(filter: JwtAuthentication, request: Request, token: Token | undefined): TokenReading {
  const { providers = {}, rules = [], bypassCorsPreflight } = modelled(filter, 'JwtAuthentication', { decides: ['providers', 'rules', 'bypassCorsPreflight'] });
  if (bypassCorsPreflight && isPreflight(request)) {
    return NOTHING;
  }
  const rule = rules.find(({ match }) => takes(match ?? {}, request));
  const { requires } = rule ? modelled(rule, 'RequirementRule', { decides: ['match', 'requires'] }) : {};
  if (!requires) {
    return NOTHING;
  }
  const result = check(requires, providers, token);
  if (typeof result === 'string') {
    return { status: result === 'wrong audience' ? 403 : 401, reroutes: false };
  }
  const written = result.flatMap(({ payloadInMetadata, normalizePayloadInMetadata }) =>
    (payloadInMetadata ? [[payloadInMetadata, normalized(token?.claims ?? {}, normalizePayloadInMetadata?.spaceDelimitedClaims ?? [])] as const] : []));
  return { ...(written.length > 0 && { metadata: Object.fromEntries(written) }), reroutes: result.some((one) => one.clearRouteCache) };
}

function isPreflight(request: Request): boolean {
  return request.header(':method') === 'OPTIONS' && !!request.header('origin') && !!request.header('access-control-request-method');
}

/** The providers that found the token good, none if none has to. */
function check(requirement: JwtRequirement, providers: Readonly<Record<string, JwtProvider>>, token: Token | undefined): Result {
  const { providerName, requiresAny, requiresAll, allowMissing, allowMissingOrFailed } = modelled(requirement, 'JwtRequirement', {
    decides: ['providerName', 'requiresAny', 'requiresAll', 'allowMissing', 'allowMissingOrFailed'],
  });
  if (providerName) {
    return verify(providers[providerName] ?? {}, token);
  }
  const results = (requiresAny ?? requiresAll)?.requirements?.map((one) => check(one, providers, token));
  if (results) {
    const failed = results.filter((one) => typeof one === 'string');
    const good = results.filter((one) => typeof one !== 'string');
    return requiresAll ? failed[0] ?? good.flat() : good[0] ?? failed.find((one) => one === 'wrong audience') ?? failed[0];
  }
  if (!allowMissing && !allowMissingOrFailed) {
    throw new NotModelled('JwtRequirement', 'it says nothing');
  }
  return allowMissingOrFailed || !token ? [] : 'wrong';
}

function verify(provider: JwtProvider, token: Token | undefined): Result {
  const { issuer, audiences = [] } = modelled(provider, 'JwtProvider', {
    decides: ['issuer', 'audiences', 'payloadInMetadata', 'normalizePayloadInMetadata', 'clearRouteCache'],
    ignored: ['localJwks', 'remoteJwks', 'forward', 'fromHeaders', 'fromParams', 'fromCookies', 'forwardPayloadHeader', 'claimToHeaders'],
  });
  if (!token) {
    return 'missing';
  }
  const { iss, aud } = token.claims;
  if (token.bad || (issuer !== undefined && iss !== issuer)) {
    return 'wrong';
  }
  const meant = Array.isArray(aud) ? aud : [aud];
  // Envoy takes a slash at the end and the scheme for nothing (source/extensions/filters/http/jwt_authn: SanitizeAudience of jwt_verify_lib).
  return audiences.length === 0 || audiences.some((one) => meant.some((other) => typeof other === 'string' && sanitized(other) === sanitized(one))) ? [provider] : 'wrong audience';
}

function sanitized(audience: string): string {
  return audience.replace(/^https?:\/\//, '').replace(/\/$/, '');
}

/** Lists of words that OAuth writes as one text. */
function normalized(claims: Token['claims'], wordLists: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, typeof value === 'string' && wordLists.includes(name) ? value.split(' ').filter((word) => word) : value]));
}
