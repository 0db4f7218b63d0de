import type {
  VirtualServiceDestination, VirtualServiceSpecHttp, VirtualServiceSpecHttpMatch, VirtualServiceSpecHttpRewrite, VirtualServiceSpecTcp,
  VirtualServiceSpecTcpMatch, VirtualServiceStringMatch,
} from '../../imports/istio/virtual-service.types';
import type { Redirect, Rewrite } from '../route-rule';
import { ALWAYS, type Condition } from './condition';
import { defined } from './merge';
import type { Forward, Share } from './route-action';
import type { ComposedRoute } from './route-table';
import { cookieRegex, type StringCondition } from './string-condition';

/** Where a share of the traffic goes: the destination of a version, or of the whole service. */
export type DestinationOf = (version: string | undefined) => VirtualServiceDestination;

/** Fields that every match of the list gets, such as the gateways it is for. */
export type CommonMatch = Pick<VirtualServiceSpecHttpMatch, 'gateways' | 'port'>;

/** A composed route as Istio writes it. */
export function renderHttp(route: ComposedRoute, destination: DestinationOf, common: CommonMatch = {}): VirtualServiceSpecHttp {
  const { action, slots: { delay, abort, timeout, retries, headers, corsPolicy } } = route;
  const forward = action.kind === 'forward' ? action : undefined;
  return defined({
    match: matches(route.conditions, common),
    route: forward && shares(forward.shares, destination),
    rewrite: forward?.rewrite && rewrite(forward.rewrite),
    redirect: action.kind === 'answer' ? redirect(action.redirect) : undefined,
    timeout,
    retries,
    headers,
    corsPolicy,
    fault: delay || abort ? defined({ delay, abort }) : undefined,
  });
}

/** A route for the connections of one port: its conditions can only be about the caller. */
export function renderTcp(route: ComposedRoute, destination: DestinationOf, port: number): VirtualServiceSpecTcp {
  const match = route.conditions.map((condition): VirtualServiceSpecTcpMatch => {
    const { sourceLabels, sourceNamespace } = renderMatch(condition);
    return defined({ port, sourceLabels, sourceNamespace });
  });
  return { match, route: shares((route.action as Forward).shares, destination) };
}

function matches(conditions: readonly Condition[], common: CommonMatch): VirtualServiceSpecHttpMatch[] | undefined {
  if (conditions.some((condition) => condition.size === 0)) {
    conditions = [ALWAYS];
  }
  const rendered = conditions.map((condition) => ({ ...renderMatch(condition), ...common }));
  return rendered.length === 1 && Object.keys(rendered[0]).length === 0 ? undefined : rendered;
}

/** A condition as Istio writes it. */
export function renderMatch(condition: Condition): VirtualServiceSpecHttpMatch {
  const headers: Record<string, VirtualServiceStringMatch> = {};
  const withoutHeaders: Record<string, VirtualServiceStringMatch> = {};
  const queryParams: Record<string, VirtualServiceStringMatch> = {};
  const sourceLabels: Record<string, string> = {};
  for (const [aspect, value] of condition) {
    const name = aspect.slice(aspect.indexOf(':') + 1);
    if (aspect.startsWith('header:')) {
      (value.kind === 'absent' ? withoutHeaders : headers)[name] = stringMatch(value);
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
  return list.map((share) => defined({ destination: destination(share.version), weight: share.weight }));
}

function rewrite(given: Rewrite): VirtualServiceSpecHttpRewrite {
  return defined({
    uri: 'prefix' in given ? given.prefix : undefined,
    uriRegexRewrite: 'path' in given ? { match: '^/.*$', rewrite: given.path.replace(/\\/g, '\\\\') } : undefined,
    authority: given.host,
  });
}

function redirect(given: Redirect) {
  return defined({ uri: given.path, authority: given.host, scheme: given.scheme, port: given.port, redirectCode: given.code });
}
