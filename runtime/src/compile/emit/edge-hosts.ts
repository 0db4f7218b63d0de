import type { Route, VirtualHost } from '../../envoy';
import { VirtualHost_TlsRequirementType } from '../../envoy';
import { bySpecificity, compare } from '../../model/host';
import type { Server } from '../../model/listener';
import type { ProxySettings } from '../../model/proxy-settings';
import { emitVirtualHost, virtualHostName } from './virtual-host';

/** The routes of a VirtualService at a server, and the hosts that both are for. */
export interface EdgeRule {
  readonly hosts: readonly string[];
  readonly routes: readonly Route[];
}

/** A server and the rules of its gateway. */
export interface EdgeServer {
  readonly server: Server;
  readonly http3: boolean;
  readonly rules: readonly EdgeRule[];
}

/** Hosts of one table that have everything in common. */
export interface EdgeHostGroup {
  readonly name: string;
  readonly hosts: readonly string[];
  /** One list for each rule. */
  readonly parts: readonly (readonly Route[])[];
  /** Requests without TLS are sent to where there is TLS. */
  readonly redirect: boolean;
  /** Clients are told that they may come by HTTP/3, on this port. */
  readonly http3?: number;
}

/** A host while its routes are gathered: several servers and several VirtualServices may add to it. */
interface EdgeHost {
  readonly host: string;
  readonly port: number;
  readonly parts: (readonly Route[])[];
  redirect: boolean;
  readonly http3?: number;
}

/** The hosts of the route table of all servers that share it, by name. */
export function groupEdgeHosts(servers: readonly EdgeServer[]): EdgeHostGroup[] {
  const hosts = new Map<string, EdgeHost>();
  servers.forEach((server) => addServer(hosts, server));
  if (hosts.size === 0) {
    // Requests that nobody routes are answered with 404 by a table without routes.
    return [{ name: virtualHostName('blackhole', servers[0].server.port.number), hosts: ['*'], parts: [], redirect: false }];
  }
  return collapse([...hosts.values()]).sort((a, b) => compare(a.name, b.name));
}

function addServer(hosts: Map<string, EdgeHost>, { server, http3, rules }: EdgeServer): void {
  const advertised = http3 ? server.port.number : undefined;
  const redirect = server.tls?.httpsRedirect ?? false;
  const port = server.port.number;
  for (const rule of rules) {
    for (const host of rule.routes.length > 0 ? rule.hosts : []) {
      const edgeHost = hostOf(hosts, host, port, advertised);
      edgeHost.parts.push(rule.routes);
      edgeHost.redirect ||= redirect;
    }
  }
  if (redirect) {
    server.hosts.forEach(({ host }) => {
      hostOf(hosts, host, port, advertised).redirect = true;
    });
  }
}

export function serverHosts(server: Server, namespace: string): string[] {
  return server.hosts.filter((one) => one.namespace === undefined || one.namespace === namespace).map((one) => one.host);
}

function hostOf(hosts: Map<string, EdgeHost>, host: string, port: number, http3: number | undefined): EdgeHost {
  let edgeHost = hosts.get(host);
  if (!edgeHost) {
    edgeHost = { host, port, parts: [], redirect: false, http3 };
    hosts.set(host, edgeHost);
  }
  return edgeHost;
}

/** Hosts with the very same routes become one: a table of a thousand hosts would otherwise hold a thousand copies. */
function collapse(hosts: EdgeHost[]): EdgeHostGroup[] {
  const groups = new Map<string, EdgeHost[]>();
  const ids = new Map<readonly Route[], number>();
  const idOf = (part: readonly Route[]): number => ids.get(part) ?? ids.set(part, ids.size + 1).size;
  // The most specific gives all of them its name, which EnvoyFilters ask for.
  for (const one of hosts.sort((a, b) => bySpecificity(a.host, b.host))) {
    const key = `${one.redirect} ${one.http3} ${one.parts.map(idOf).join()}`;
    const group = groups.get(key);
    if (group) {
      group.push(one);
    } else {
      groups.set(key, [one]);
    }
  }
  return [...groups.values()].map((group) => ({
    name: virtualHostName(group[0].host, group[0].port),
    hosts: group.map((one) => one.host),
    parts: group[0].parts,
    redirect: group[0].redirect,
    http3: group[0].http3,
  }));
}

/** A host, but for its routes. */
export function emitEdgeHost({ name, hosts, redirect, http3 }: EdgeHostGroup, proxy: ProxySettings): Omit<VirtualHost, 'routes'> {
  const { routes: _none, ...host } = emitVirtualHost(name, hosts, [], proxy);
  return {
    ...host,
    ...(redirect && { requireTls: VirtualHost_TlsRequirementType.ALL }),
    ...(http3 !== undefined && { responseHeadersToAdd: [{ header: { key: 'alt-svc', value: `h3=":${http3}"; ma=86400` } }] }),
  };
}
