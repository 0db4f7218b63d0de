import type { MetadataMatcher, ValueMatcher } from '../envoy';

export const JWT_FILTER = 'envoy.filters.http.jwt_authn';
/** Where in the filter's metadata the claims of a verified token stand, as Istio's proxies keep them. */
export const JWT_PAYLOAD = 'payload';

/** A claim that is like that, or a list of which one item is; https://istio.io/latest/docs/tasks/security/authentication/jwt-route/ */
export function claimMatcher(path: readonly string[], value: ValueMatcher): MetadataMatcher {
  return { ...claimPath(path), value: { orMatch: { valueMatchers: [{ listMatch: { oneOf: value } }, value] } } };
}

function claimPath(path: readonly string[]): MetadataMatcher {
  return { filter: JWT_FILTER, path: [JWT_PAYLOAD, ...path].map((key) => ({ key })) };
}
