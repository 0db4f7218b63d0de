import type { Route, VirtualHost } from '../../envoy';
import { VirtualHost_TlsRequirementType } from '../../envoy';
import { compare, intersection } from '../../model/host';
import type { Server } from '../../model/listener';
import type { VirtualService } from '../../model/route';
import type { Labels } from '../../model/workload';
import type { Targets } from './route';
import { emitRoutes, isCatchAll } from './route';
import { byName, emitVirtualHost, virtualHostName } from './virtual-host';

export interface EdgeRoutesOptions {
  readonly client: { readonly namespace: string; readonly labels: Labels };
  readonly targets: Targets;
}

/** A server and the VirtualServices that name its gateway. */
export interface EdgeServer {
  readonly server: Server;
  readonly gateway: string;
  readonly virtualServices: readonly VirtualService[];
}

/** A host while its routes are gathered: several servers and several VirtualServices may add to it. */
interface EdgeHost {
  readonly name: string;
  readonly host: string;
  readonly routes: Route[];
  /** Whose routes these are, to see whether two hosts have the same. */
  readonly sources: string[];
  redirect: boolean;
}

/** The hosts of the route table of all servers that share it. */
export function emitEdgeHosts(servers: readonly EdgeServer[], options: EdgeRoutesOptions): VirtualHost[] {
  const hosts = new Map<string, EdgeHost>();
  servers.forEach((server) => addServer(hosts, server, options));
  if (hosts.size === 0) {
    // Requests that nobody routes are answered with 404 by a table without routes.
    return [emitVirtualHost(virtualHostName('blackhole', servers[0].server.port.number), ['*'], [])];
  }
  return collapse([...hosts.values()]).sort(byName);
}

function addServer(hosts: Map<string, EdgeHost>, { server, gateway, virtualServices }: EdgeServer, options: EdgeRoutesOptions): void {
  const redirect = server.tls?.httpsRedirect ?? false;
  const port = server.port.number;
  for (const virtualService of virtualServices) {
    const common = intersection(serverHosts(server, virtualService.namespace), virtualService.hosts);
    const caller = { ...options.client, gateway, port };
    const routes = common.length > 0 ? emitRoutes(virtualService, { caller, tls: server.tls?.mode === 'TERMINATE', targets: options.targets }) : [];
    for (const host of routes.length > 0 ? common : []) {
      const edgeHost = hostOf(hosts, host, port);
      edgeHost.routes.push(...routes);
      edgeHost.sources.push(`${gateway} ${port} ${virtualService.namespace}/${virtualService.resource.name}`);
      edgeHost.redirect ||= redirect;
    }
  }
  if (redirect) {
    server.hosts.forEach(({ host }) => {
      hostOf(hosts, host, port).redirect = true;
    });
  }
}

export function serverHosts(server: Server, namespace: string): string[] {
  return server.hosts.filter((one) => one.namespace === undefined || one.namespace === namespace).map((one) => one.host);
}

function hostOf(hosts: Map<string, EdgeHost>, host: string, port: number): EdgeHost {
  let edgeHost = hosts.get(host);
  if (!edgeHost) {
    edgeHost = { name: virtualHostName(host, port), host, routes: [], sources: [], redirect: false };
    hosts.set(host, edgeHost);
  }
  return edgeHost;
}

/** Hosts with the very same routes become one: a table of a thousand hosts would otherwise hold a thousand copies. */
function collapse(hosts: EdgeHost[]): VirtualHost[] {
  const groups: EdgeHost[][] = [];
  for (const host of hosts.sort((a, b) => compare(a.host, b.host))) {
    const same = groups.find(([first]) => host.sources.length > 0 && sameRoutes(first, host));
    if (same) {
      same.push(host);
    } else {
      groups.push([host]);
    }
  }
  return groups.map((group) => ({
    ...emitVirtualHost(group[0].name, group.map((host) => host.host), catchAllsLast(group[0].routes)),
    ...(group[0].redirect && { requireTls: VirtualHost_TlsRequirementType.ALL }),
  }));
}

function sameRoutes(a: EdgeHost, b: EdgeHost): boolean {
  return a.redirect === b.redirect && a.sources.length === b.sources.length && a.sources.every((source, i) => source === b.sources[i]);
}

/** Routes of several VirtualServices: one for everything must not hide those that come after it. */
function catchAllsLast(routes: readonly Route[]): Route[] {
  return [...routes.filter((route) => !isCatchAll(route)), ...routes.filter(isCatchAll)];
}
