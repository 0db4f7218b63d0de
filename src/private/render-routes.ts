import type {
  VirtualServiceDestination, VirtualServiceSpecHttp, VirtualServiceSpecHttpDirectResponse, VirtualServiceSpecHttpMatch, VirtualServiceSpecHttpMirrors,
  VirtualServiceSpecHttpRedirect, VirtualServiceSpecHttpRewrite, VirtualServiceSpecTcp, VirtualServiceSpecTcpMatch, VirtualServiceSpecTls,
  VirtualServiceSpecTlsMatch, VirtualServiceStringMatch,
} from '../../imports/istio/virtual-service.types';
import type { FixedAnswer, Redirect, Rewrite } from '../route-rule';
import { ALWAYS, type Condition } from './condition';
import { defined } from './merge';
import { MIRROR, type Forward, type MirrorSlot, type Share, type Slots } from './route-action';
import type { ComposedRoute } from './route-table';
import { cookieRegex, type StringCondition } from './string-condition';

/** Where a share of the traffic goes: the destination of a version, or of the whole service. */
export type DestinationOf = (version: string | undefined) => VirtualServiceDestination;

/** Fields that every match of the list gets, such as the gateways it is for. */
export type CommonMatch = Pick<VirtualServiceSpecHttpMatch, 'gateways' | 'port' | 'statPrefix'>;

/** A composed route as Istio writes it. */
export function renderHttp(route: ComposedRoute, destination: DestinationOf, common: CommonMatch = {}): VirtualServiceSpecHttp {
  const { action, slots: { name, statPrefix, delay, abort, timeout, retries, headers, corsPolicy } } = route;
  const forward = action.kind === 'forward' ? action : undefined;
  return defined({
    name,
    match: matches(route.conditions, defined({ ...common, statPrefix })),
    route: forward && shares(forward.shares, destination),
    rewrite: forward?.rewrite && rewrite(forward.rewrite),
    redirect: action.kind === 'redirect' ? redirect(action.redirect) : undefined,
    directResponse: action.kind === 'answer' ? directResponse(action.answer) : undefined,
    mirrors: forward && mirrors(route.slots, destination),
    timeout,
    retries,
    headers,
    corsPolicy,
    fault: delay || abort ? defined({ delay, abort }) : undefined,
  });
}

/** One rule can become several routes, whose names must still be told apart. */
export function uniquelyNamed(routes: readonly VirtualServiceSpecHttp[]): VirtualServiceSpecHttp[] {
  const times = new Map<string, number>();
  return routes.map((route) => {
    if (route.name === undefined) {
      return route;
    }
    const time = (times.get(route.name) ?? 0) + 1;
    times.set(route.name, time);
    return time === 1 ? route : { ...route, name: `${route.name}-${time}` };
  });
}

/** A route for the connections of one port: its conditions can only be about the caller. */
export function renderTcp(route: ComposedRoute, destination: DestinationOf, port: number): VirtualServiceSpecTcp {
  const match = route.conditions.map((condition) => connectionMatch(condition, port));
  return { match, route: connectionShares(route, destination) };
}

/** The same for connections that begin with TLS, of which the name of the server is known too: the host itself, unless the rule names one. */
export function renderTls(route: ComposedRoute, destination: DestinationOf, { port, host }: { readonly port: number; readonly host: string }): VirtualServiceSpecTls {
  const match = route.conditions.map((condition): VirtualServiceSpecTlsMatch => {
    const name = condition.get('sni');
    return { ...connectionMatch(condition, port), sniHosts: [name === undefined ? host : textOf(name)] };
  });
  return { match, route: connectionShares(route, destination) };
}

function connectionMatch(condition: Condition, port: number): VirtualServiceSpecTcpMatch {
  const { sourceLabels, sourceNamespace } = renderMatch(condition);
  const addresses = condition.get('addresses');
  return defined({ port, destinationSubnets: addresses && textOf(addresses).split(','), sourceLabels, sourceNamespace });
}

function connectionShares(route: ComposedRoute, destination: DestinationOf) {
  return (route.action as Forward).shares.map((share) => defined({ destination: share.destination ?? destination(share.version), weight: share.weight }));
}

function matches(conditions: readonly Condition[], common: CommonMatch): VirtualServiceSpecHttpMatch[] | undefined {
  if (conditions.some((condition) => condition.size === 0)) {
    conditions = [ALWAYS];
  }
  const rendered = conditions.map((condition) => ({ ...renderMatch(condition), ...common }));
  return rendered.length === 1 && Object.keys(rendered[0]).length === 0 ? undefined : rendered;
}

/** A condition as Istio writes it. */
function renderMatch(condition: Condition): VirtualServiceSpecHttpMatch {
  const headers: Record<string, VirtualServiceStringMatch> = {};
  const withoutHeaders: Record<string, VirtualServiceStringMatch> = {};
  const queryParams: Record<string, VirtualServiceStringMatch> = {};
  const sourceLabels: Record<string, string> = {};
  for (const [aspect, value] of condition) {
    const name = aspect.slice(aspect.indexOf(':') + 1);
    if (aspect.startsWith('header:')) {
      (value.kind === 'absent' || value.kind === 'not' ? withoutHeaders : headers)[name] = stringMatch(value.kind === 'not' ? value.than : value);
    } else if (aspect.startsWith('cookie:')) {
      headers.cookie = { regex: cookieRegex(name, value) };
    } else if (aspect.startsWith('query:')) {
      queryParams[name] = stringMatch(value);
    } else if (aspect.startsWith('label:')) {
      sourceLabels[name] = textOf(value);
    }
  }
  const some = <T extends object>(fields: T): T | undefined => (Object.keys(fields).length === 0 ? undefined : fields);
  const of = <T>(aspect: string, map: (value: StringCondition) => T): T | undefined => {
    const value = condition.get(aspect);
    return value === undefined ? undefined : map(value);
  };
  return defined({
    uri: of('path', stringMatch),
    ignoreUriCase: of('path', (value) => ('ignoreCase' in value ? value.ignoreCase : undefined)),
    scheme: of('scheme', stringMatch),
    authority: of('authority', stringMatch),
    method: of('method', stringMatch),
    headers: some(headers),
    withoutHeaders: some(withoutHeaders),
    queryParams: some(queryParams),
    port: of('port', (value) => Number(textOf(value))),
    sourceNamespace: of('namespace', textOf),
    sourceLabels: some(sourceLabels),
  });
}

function stringMatch(condition: StringCondition): VirtualServiceStringMatch {
  return 'value' in condition ? { [condition.kind]: condition.value } : {};
}

function textOf(condition: StringCondition): string {
  return 'value' in condition ? condition.value : '';
}

function shares(list: readonly Share[], destination: DestinationOf) {
  return list.map((share) => defined({
    destination: share.destination ?? destination(share.version), weight: share.weight, headers: share.headers,
  }));
}

function mirrors(slots: Slots, destination: DestinationOf): VirtualServiceSpecHttpMirrors[] | undefined {
  const found = Object.entries(slots).filter(([slot]) => slot.startsWith(MIRROR)).sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value as MirrorSlot);
  return found.length === 0 ? undefined : found.map(({ share, percent }) => defined({
    destination: share.destination ?? destination(share.version), percentage: percent === undefined ? undefined : { value: percent },
  }));
}

function rewrite(given: Rewrite): VirtualServiceSpecHttpRewrite {
  return defined({
    uri: 'prefix' in given ? given.prefix : undefined,
    uriRegexRewrite: regexRewrite(given),
    authority: given.host,
  });
}

function regexRewrite(given: Rewrite): VirtualServiceSpecHttpRewrite['uriRegexRewrite'] {
  if ('path' in given) {
    return { match: '^/.*$', rewrite: given.path.replace(/\\/g, '\\\\') };
  }
  return 'regex' in given ? { match: given.regex, rewrite: given.replacement } : undefined;
}

function redirect({ path, prefix, host, scheme, port, code }: Redirect): VirtualServiceSpecHttpRedirect {
  const derived = { scheme: 'FROM_PROTOCOL_DEFAULT', request: 'FROM_REQUEST_PORT' } as const;
  return defined({
    uri: path,
    prefixRewrite: prefix,
    authority: host,
    scheme,
    port: typeof port === 'number' ? port : undefined,
    derivePort: typeof port === 'string' ? derived[port] : undefined,
    redirectCode: code,
  });
}

function directResponse({ status, body }: FixedAnswer): VirtualServiceSpecHttpDirectResponse {
  if (body === undefined) {
    return { status };
  }
  return { status, body: typeof body === 'string' ? { string: body } : { bytes: Buffer.from(body).toString('base64') } };
}
