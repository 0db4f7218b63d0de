import type {
  VirtualServiceSpec, VirtualServiceSpecHttpMatch, VirtualServiceSpecTcpMatch, VirtualServiceSpecTlsMatch, VirtualServiceStringMatch,
} from '../../../../imports/istio/virtual-service.types';
import type { Place } from '../../model/place';

type Match = VirtualServiceSpecHttpMatch & VirtualServiceSpecTlsMatch & VirtualServiceSpecTcpMatch;
type Rule = { readonly match?: readonly Match[]; readonly delegate?: object };
type Covers = (earlier: Match, later: Match) => boolean;

interface Earlier {
  readonly rule: number;
  readonly match: Match;
}

const STRINGS = ['uri', 'scheme', 'method', 'authority'] as const;
/** Every match is compared with all before it, which goes for the VirtualServices that people write, not for those that programs do. */
const MAX_MATCHES = 500;

/**
 * Warns of rules that no request gets to, because an earlier one takes them all: IST0130 and IST0131 of `istioctl analyze`, which sees only rules
 * without conditions, equal conditions and prefixes; here one match covers another as soon as each of its conditions is implied.
 */
export function checkUnreachable(spec: VirtualServiceSpec, place: Place): void {
  check((spec.http ?? []) as readonly Rule[], place.at('http'), coversHttp);
  check((spec.tls ?? []) as readonly Rule[], place.at('tls'), coversConnection);
  check((spec.tcp ?? []) as readonly Rule[], place.at('tcp'), coversConnection);
}

function check(rules: readonly Rule[], place: Place, covers: Covers): void {
  if (rules.reduce((sum, rule) => sum + (rule.match?.length ?? 0), 0) > MAX_MATCHES) {
    return;
  }
  const earlier: Earlier[] = [];
  rules.forEach((rule, i) => {
    const matches: readonly Match[] = rule.match?.length ? rule.match : [{} as Match];
    const takenBy = matches.map((match) => earlier.find((one) => covers(one.match, match)));
    if (takenBy.every((one) => one && one.rule !== i)) {
      place.at(i).problem(`is never used: ${nameOf(place, takenBy[0]?.rule)} takes all its requests before`, 'warning');
    } else {
      takenBy.forEach((one, j) => one && place.at(i).at('match').at(j).problem(`is never used: ${nameOf(place, one.rule)} takes all its requests before`, 'warning'));
    }
    // A delegate may take less than it is given.
    matches.forEach((match) => !rule.delegate && earlier.push({ rule: i, match }));
  });
}

function nameOf(place: Place, rule: number | undefined): string {
  return place.at(rule ?? 0).path;
}

function coversHttp(earlier: Match, later: Match): boolean {
  return coversCaller(earlier, later, true)
    && (!earlier.uri || (earlier.ignoreUriCase ?? false) === (later.ignoreUriCase ?? false))
    && STRINGS.every((field) => coversString(earlier[field], later[field]))
    && coversAll(earlier.headers, later.headers)
    && coversAll(earlier.queryParams, later.queryParams)
    && Object.entries(earlier.withoutHeaders ?? {}).every(([name, match]) => same(match, later.withoutHeaders?.[name]));
}

function coversConnection(earlier: Match, later: Match): boolean {
  return coversCaller(earlier, later, false)
    && (earlier.sniHosts ?? []).length === 0 === ((later.sniHosts ?? []).length === 0)
    && (later.sniHosts ?? []).every((host) => earlier.sniHosts?.includes(host))
    && coversRanges(earlier.destinationSubnets ?? [], later.destinationSubnets ?? []);
}

function coversRanges(earlier: readonly string[], later: readonly string[]): boolean {
  return earlier.length === 0 || (later.length > 0 && later.every((range) => earlier.includes(range)));
}

/** @param http a match of `http` that names gateways does not look at the caller's labels and namespace */
function coversCaller(earlier: Match, later: Match, http: boolean): boolean {
  const [some, others] = [earlier.gateways ?? [], later.gateways ?? []];
  if ((earlier.port && earlier.port !== later.port) || (some.length > 0 && (others.length === 0 || others.some((one) => !some.includes(one))))) {
    return false;
  }
  if (http && some.length > 0) {
    return true;
  }
  const asked: Partial<Match> = http && others.length > 0 ? {} : later;
  return (!earlier.sourceNamespace || earlier.sourceNamespace === asked.sourceNamespace)
    && Object.entries(earlier.sourceLabels ?? {}).every(([name, value]) => asked.sourceLabels?.[name] === value);
}

function coversAll(
  earlier: Readonly<Record<string, VirtualServiceStringMatch>> | undefined, later: Readonly<Record<string, VirtualServiceStringMatch>> | undefined,
): boolean {
  return Object.entries(earlier ?? {}).every(([name, match]) => later !== undefined && Object.hasOwn(later, name) && coversNamed(match, later[name]));
}

function coversNamed(earlier: VirtualServiceStringMatch, later: VirtualServiceStringMatch): boolean {
  const anything = earlier.exact === undefined && !earlier.prefix && (earlier.regex === undefined || earlier.regex === '*');
  return anything || coversString(earlier, later);
}

/** Whether whatever the later one is true of is also what the earlier one is. Of patterns only the same ones are known to be. */
function coversString(earlier: VirtualServiceStringMatch | undefined, later: VirtualServiceStringMatch | undefined): boolean {
  if (!earlier || same(earlier, later)) {
    return true;
  }
  const start = later?.exact ?? later?.prefix;
  return Boolean(earlier.prefix) && start !== undefined && start.startsWith(earlier.prefix ?? '');
}

function same(a: VirtualServiceStringMatch, b: VirtualServiceStringMatch | undefined): boolean {
  return b !== undefined && a.exact === b.exact && a.prefix === b.prefix && a.regex === b.regex;
}
