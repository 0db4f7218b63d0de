import type {
  VirtualServiceSpecHttpMatch, VirtualServiceSpecTcpMatch, VirtualServiceSpecTlsMatch, VirtualServiceStringMatch,
} from '../../../../imports/istio/virtual-service.types';
import { readRanges, readServerNames } from '../../features/address';
import { isClaimName, readClaimName } from '../../features/claim-name';
import { readHeaderName } from '../../features/header-format';
import { readStringMatch } from '../../features/pattern';
import { compare } from '../../model/host';
import type { CallerMatch, ClaimMatch, HttpMatch, NamedMatch, StringMatch, TcpMatch, TlsMatch } from '../../model/match';
import type { Place } from '../../model/place';

type GatewayOf = (name: string) => string;

/** The matches that can be read; a broken one is left out, since one condition less would match more than was meant. */
export function readHttpMatches(specs: readonly VirtualServiceSpecHttpMatch[], place: Place, gatewayOf: GatewayOf): HttpMatch[] {
  return specs.flatMap((spec, i) => readHttpMatch(spec, place.at(i), gatewayOf) ?? []);
}

function readHttpMatch(spec: VirtualServiceSpecHttpMatch, place: Place, gatewayOf: GatewayOf): HttpMatch | undefined {
  const strings = readStrings(spec, place);
  const headers = readNamed(onlyHeaders(spec.headers), place.at('headers'));
  const withoutHeaders = readNamed(onlyHeaders(spec.withoutHeaders), place.at('withoutHeaders'));
  const claims = readClaims(spec, place);
  const queryParams = readNamed(spec.queryParams, place.at('queryParams'));
  if (!strings || !headers || !withoutHeaders || !claims || !queryParams) {
    return undefined;
  }
  return {
    ...readCaller(spec, gatewayOf),
    ...strings,
    name: spec.name || undefined,
    ignoreUriCase: spec.ignoreUriCase ?? false,
    statPrefix: spec.statPrefix || undefined,
    headers,
    withoutHeaders,
    claims,
    queryParams,
  };
}

type Strings = Pick<HttpMatch, 'uri' | 'scheme' | 'method' | 'authority'>;

function readStrings(spec: VirtualServiceSpecHttpMatch, place: Place): Strings | undefined {
  const found: Record<string, StringMatch> = {};
  for (const field of ['uri', 'scheme', 'method', 'authority'] as const) {
    const from = spec[field];
    if (from) {
      const match = readStringMatch(from, place.at(field));
      if (!match) {
        return undefined;
      }
      found[field] = match;
    }
  }
  return found;
}

type Named = Readonly<Record<string, VirtualServiceStringMatch>> | undefined;

function onlyHeaders(specs: Named): Named {
  return specs && Object.fromEntries(Object.entries(specs).filter(([name]) => !isClaimName(name)));
}

/** https://istio.io/latest/docs/tasks/security/authentication/jwt-route/ */
function readClaims(spec: VirtualServiceSpecHttpMatch, place: Place): ClaimMatch[] | undefined {
  const found: ClaimMatch[] = [];
  for (const field of ['headers', 'withoutHeaders'] as const) {
    for (const [name, value] of Object.entries(spec[field] ?? {}).filter(([one]) => isClaimName(one))) {
      const at = place.at(field).at(name);
      const path = readClaimName(name, at);
      const match = path && readStringMatch(value ?? {}, at);
      if (!match) {
        return undefined;
      }
      found.push({ path, match, absent: field === 'withoutHeaders' });
    }
  }
  return found.sort((a, b) => compare(a.path.join('\0'), b.path.join('\0')));
}

function readNamed(specs: Named, place: Place): NamedMatch[] | undefined {
  const found: NamedMatch[] = [];
  for (const [name, spec] of Object.entries(specs ?? {})) {
    const match = readHeaderName(name, place) && readStringMatch(spec ?? {}, place.at(name));
    if (!match) {
      return undefined;
    }
    found.push([name, match]);
  }
  return found.sort(([a], [b]) => compare(a, b));
}

/** Undefined where none of the names, or none of the ranges, can be read: without them it would match everything. */
export function readTlsMatch(spec: VirtualServiceSpecTlsMatch, place: Place, gatewayOf: GatewayOf): TlsMatch | undefined {
  // Envoy refuses a chain that names a server twice.
  const sniHosts = [...new Set(readServerNames(spec.sniHosts, place.at('sniHosts')))];
  const connection = readTcpMatch(spec, place, gatewayOf);
  return sniHosts.length === 0 || !connection ? undefined : { ...connection, sniHosts };
}

export function readTcpMatch(spec: VirtualServiceSpecTcpMatch, place: Place, gatewayOf: GatewayOf): TcpMatch | undefined {
  const destinationSubnets = readRanges(spec.destinationSubnets, place.at('destinationSubnets'));
  return spec.destinationSubnets?.length && destinationSubnets.length === 0 ? undefined : { ...readCaller(spec, gatewayOf), destinationSubnets };
}

function readCaller(
  spec: Pick<VirtualServiceSpecHttpMatch, 'port' | 'sourceLabels' | 'sourceNamespace' | 'gateways'>,
  gatewayOf: GatewayOf,
): CallerMatch {
  return {
    port: spec.port || undefined,
    sourceLabels: spec.sourceLabels ?? {},
    sourceNamespace: spec.sourceNamespace || undefined,
    gateways: (spec.gateways ?? []).map(gatewayOf),
  };
}
