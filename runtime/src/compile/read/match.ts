import type {
  VirtualServiceSpecHttpMatch, VirtualServiceSpecTcpMatch, VirtualServiceSpecTlsMatch, VirtualServiceStringMatch,
} from '../../../../imports/istio/virtual-service.types';
import { readRanges, readServerNames } from '../../features/address';
import { readHeaderName } from '../../features/header-format';
import { readStringMatch } from '../../features/pattern';
import { compare } from '../../model/host';
import type { CallerMatch, HttpMatch, NamedMatch, StringMatch, TcpMatch, TlsMatch } from '../../model/match';
import type { Place } from '../../model/place';

type GatewayOf = (name: string) => string;

/** Claims of tokens can only be matched where tokens are checked, which is not yet. */
const CLAIMS = '@request.auth.claims';

/** The matches that can be read; a broken one is left out, since one condition less would match more than was meant. */
export function readHttpMatches(specs: readonly VirtualServiceSpecHttpMatch[], place: Place, gatewayOf: GatewayOf): HttpMatch[] {
  return specs.flatMap((spec, i) => readHttpMatch(spec, place.at(i), gatewayOf) ?? []);
}

function readHttpMatch(spec: VirtualServiceSpecHttpMatch, place: Place, gatewayOf: GatewayOf): HttpMatch | undefined {
  const strings = readStrings(spec, place);
  const headers = readNamed(spec.headers, place.at('headers'));
  const withoutHeaders = readNamed(spec.withoutHeaders, place.at('withoutHeaders'));
  const queryParams = readNamed(spec.queryParams, place.at('queryParams'));
  if (!strings || !headers || !withoutHeaders || !queryParams) {
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

function readNamed(specs: Readonly<Record<string, VirtualServiceStringMatch>> | undefined, place: Place): NamedMatch[] | undefined {
  const found: NamedMatch[] = [];
  for (const [name, spec] of Object.entries(specs ?? {})) {
    if (name.startsWith(CLAIMS)) {
      place.at(name).problem('matches a claim of a token, which is not handled yet: the match is left out');
      return undefined;
    }
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
