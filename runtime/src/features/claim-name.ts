import type { Place } from '../model/place';

/** Headers of a VirtualService that are no headers, but claims of the caller's token. */
const PREFIX = '@request.auth.claims';

export function isClaimName(header: string): boolean {
  return header.toLowerCase().startsWith(PREFIX);
}

/**
 * The names that lead to a claim: `@request.auth.claims.group.id`, or `@request.auth.claims[group][id]` for names that hold dots, as
 * istio/pkg/jwt/routing.go reads them. Undefined where it is neither: as a header, which it then is in Istio, nobody can send it.
 */
export function readClaimName(header: string, place: Place): readonly string[] | undefined {
  const rest = header.slice(PREFIX.length);
  const names = rest.startsWith('.') ? rest.slice(1).split('.') : /^\[.+\]$/.test(rest) ? rest.slice(1, -1).split('][') : [];
  if (names.length === 0 || names.includes('')) {
    place.problem(`'${header}' names no claim: write ${PREFIX}.NAME or ${PREFIX}[NAME], with more names for a claim inside of another; the match is left out`);
    return undefined;
  }
  return names;
}
