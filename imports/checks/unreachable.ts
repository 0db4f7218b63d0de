import type {
  VirtualServiceSpec, VirtualServiceSpecHttpMatch, VirtualServiceSpecTcpMatch, VirtualServiceSpecTlsMatch, VirtualServiceStringMatch,
} from '../istio/virtual-service.types';

type Match = VirtualServiceSpecHttpMatch & VirtualServiceSpecTlsMatch & VirtualServiceSpecTcpMatch;
type Rule = { readonly match?: readonly Match[]; readonly delegate?: object };
type Covers = (earlier: Match, later: Match) => boolean;

interface Earlier {
  readonly path: string;
  readonly match: Match;
}

const STRINGS = ['uri', 'scheme', 'method', 'authority'] as const;
/** Every match is compared with all before it, which goes for the VirtualServices that people write, not for those that programs do. */
const MAX_MATCHES = 500;

/** Something that no request gets to, because an earlier rule takes them all. */
export interface Unreachable {
  /** Inside `spec`: `http[2]`, or `http[2].match[0]` where other matches of the rule are reached. */
  readonly path: string;
  /** The rule that takes the requests, `http[1]`, or the match of the same rule. */
  readonly takenBy: string;
}

/**
 * What of a VirtualService is never used: IST0130 and IST0131 of `istioctl analyze`, which sees only rules without conditions, equal conditions
 * and prefixes; here one match covers another as soon as each of its conditions is implied.
 */
export function unreachableRules({ http = [], tls = [], tcp = [] }: Partial<VirtualServiceSpec>): readonly Unreachable[] {
  return [
    ...find(http as readonly Rule[], 'http', coversHttp),
    ...find(tls as readonly Rule[], 'tls', coversConnection),
    ...find(tcp as readonly Rule[], 'tcp', coversConnection),
  ];
}

function find(rules: readonly Rule[], list: string, covers: Covers): readonly Unreachable[] {
  if (rules.reduce((sum, rule) => sum + (rule.match?.length ?? 0), 0) > MAX_MATCHES) {
    return [];
  }
  const earlier: Earlier[] = [];
  return rules.flatMap((rule, i) => {
    const path = `${list}[${i}]`;
    const own: Earlier[] = [];
    const takers = (rule.match?.length ? rule.match : [{} as Match]).map((match, j) => {
      const taker = [...earlier, ...own].find((one) => covers(one.match, match));
      own.push({ path: `${path}.match[${j}]`, match });
      return taker;
    });
    // A delegate may take less than it is given.
    earlier.push(...rule.delegate ? [] : own.map(({ match }) => ({ path, match })));
    const [first] = takers;
    return first && takers.every((one) => one && !own.includes(one))
      ? [{ path, takenBy: first.path }]
      : takers.flatMap((one, j) => (one ? [{ path: `${path}.match[${j}]`, takenBy: one.path }] : []));
  });
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
