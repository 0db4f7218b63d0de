import type { Route, RouteConfiguration, VirtualHost } from '../../envoy';
import type { Side } from '../../model/proxy';
import type { PatchMatch } from './model';
import { patchList } from './finish-list';
import type { PatchPlan } from './finish-plan';
import { isMerge, merged } from './finish-plan';
import type { TypedPatch } from './finish-value';

export interface RoutePatchWork {
  readonly plan: PatchPlan;
  readonly side: Side;
  /** The ports of Gateway servers by the port on which the pod listens for them. */
  readonly servers: ReadonlyMap<number, readonly number[]>;
}

/** A route configuration with everything in it patched, in Istio's order (pilot/pkg/networking/core/envoyfilter/rc_patch.go). */
export function patchRoutes(given: RouteConfiguration, work: RoutePatchWork): RouteConfiguration {
  const { plan, side } = work;
  const about = <P extends TypedPatch>(patches: readonly P[]): P[] => patches.filter((one) => matchesTable(given, one.match.routeConfiguration, work));
  const table = about(plan.of('ROUTE_CONFIGURATION', side)).reduce((into, one) => merged(into, one), given);
  const hostPatches = about(plan.of('VIRTUAL_HOST', side));
  const routePatches = about(plan.of('HTTP_ROUTE', side));
  const hosts = (table.virtualHosts ?? []).flatMap((host) => patchHost(host, hostPatches) ?? []).map((host) => patchHostRoutes(host, routePatches));
  const added = hostPatches.filter((one) => one.operation === 'ADD').map((one) => one.value);
  return { ...table, virtualHosts: [...hosts, ...added] };
}

function patchHost(given: VirtualHost, patches: readonly TypedPatch<'VIRTUAL_HOST'>[]): VirtualHost | undefined {
  let host = given;
  for (const patch of patches.filter((one) => matchesHost(host, one))) {
    if (patch.operation === 'REMOVE') {
      return undefined;
    }
    host = patch.operation === 'REPLACE' ? patch.value : isMerge(patch.operation) ? merged(host, patch) : host;
  }
  return host;
}

function patchHostRoutes(host: VirtualHost, all: readonly TypedPatch<'HTTP_ROUTE'>[]): VirtualHost {
  const patches = all.filter((one) => matchesHost(host, one));
  if (patches.length === 0) {
    return host;
  }
  let routes: readonly Route[] = (host.routes ?? []).flatMap((route) => patchRoute(route, patches) ?? []);
  for (const patch of patches.filter((one) => one.operation === 'ADD' || one.operation.startsWith('INSERT'))) {
    const anchored = patch.match.routeConfiguration?.vhost?.route !== undefined;
    const isAnchor = (route: Route): boolean => matchesRoute(route, patch);
    // A first place is only for those whose anchor is there.
    const lost = patch.operation === 'INSERT_FIRST' && anchored && !routes.some(isAnchor);
    routes = lost ? routes : patchList(routes, { ...patch, anchored, isAnchor });
  }
  return { ...host, routes };
}

function patchRoute(given: Route, patches: readonly TypedPatch<'HTTP_ROUTE'>[]): Route | undefined {
  let route = given;
  for (const patch of patches.filter((one) => matchesRoute(route, one))) {
    if (patch.operation === 'REMOVE') {
      return undefined;
    }
    route = isMerge(patch.operation) ? merged(route, patch) : route;
  }
  return route;
}

/** `http.8080`, `https.443.https.gateway.namespace`. */
const EDGE_TABLE = /^https?\.(\d+)(?:\.(.+)\.([^.]+)\.([^.]+))?$/;

function matchesTable({ name = '' }: RouteConfiguration, wanted: PatchMatch['routeConfiguration'], { side, servers }: RoutePatchWork): boolean {
  if (!wanted || (wanted.name !== undefined && wanted.name !== name)) {
    return !wanted;
  }
  if (side !== 'GATEWAY') {
    return wanted.portNumber === undefined || wanted.portNumber === Number(name.startsWith('inbound|') ? name.split('|')[1] : name);
  }
  const [, port, portName, gateway, namespace] = EDGE_TABLE.exec(name) ?? [];
  const ports = servers.get(Number(port)) ?? [Number(port)];
  return (wanted.portNumber === undefined || ports.includes(wanted.portNumber))
    && (wanted.portName === undefined || wanted.portName === portName)
    && (wanted.gateway === undefined || wanted.gateway === `${namespace}/${gateway}`);
}

function matchesHost({ name, domains = [] }: VirtualHost, { match }: TypedPatch): boolean {
  const wanted = match.routeConfiguration?.vhost;
  return (wanted?.name === undefined || wanted.name === name) && (wanted?.domainName === undefined || domains.includes(wanted.domainName));
}

function matchesRoute(route: Route, { match }: TypedPatch): boolean {
  const { name, action } = match.routeConfiguration?.vhost?.route ?? {};
  return (name === undefined || name === route.name) && (action === undefined || action === actionOf(route));
}

function actionOf({ redirect, directResponse, route }: Route): string | undefined {
  return route ? 'ROUTE' : redirect ? 'REDIRECT' : directResponse ? 'DIRECT_RESPONSE' : undefined;
}
