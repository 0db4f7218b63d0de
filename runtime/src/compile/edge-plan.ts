import type { Gateway, Server } from '../model/listener';
import type { Mesh } from '../model/mesh';
import type { Problem } from '../model/problem';
import { isHttp } from '../model/protocol';
import type { Proxy } from '../model/proxy';
import { selects } from '../model/workload';
import { ANY_ADDRESS } from './emit/address';
import { emitTermination } from './emit/edge-listener';
import type { ServiceTarget } from './service-targets';

/** A server of a Gateway, on the port where the gateway's pods really listen. */
export interface PlannedServer {
  readonly gateway: Gateway;
  readonly server: Server;
  /** The route table, where there is one: `http.80`, `https.443.https.gateway.namespace`. */
  readonly routeName?: string;
  /** HTTP/3 is spoken besides, on the same port of UDP. */
  readonly http3: boolean;
}

/** One listener of a gateway. Plain HTTP servers share one route table; TLS servers are told apart by the name the client asks for. */
export interface EdgeListener {
  readonly address: string;
  readonly port: number;
  readonly kind: 'http' | 'tcp' | 'tls';
  readonly servers: PlannedServer[];
}

/** Makes the Service's port the pod's own, for gateways that listen where the Service says. */
const NO_TRANSLATION = 'experimental.istio.io/disable-gateway-port-translation';

export interface EdgePlan {
  readonly listeners: readonly EdgeListener[];
  readonly problems: readonly Problem[];
}

/** All servers that a gateway proxy is to run: the Gateways that select its pods, oldest first. */
export function planEdge(mesh: Mesh, proxy: Proxy, targets: readonly ServiceTarget[]): EdgePlan {
  const listeners = new Map<string, EdgeListener>();
  const problems: Problem[] = [];
  const names = new TakenNames();
  const ownOnly = mesh.settings.switches.gatewayOwnNamespace;
  for (const gateway of mesh.gateways.filter((one) => runsOn(one, proxy, targets) && (!ownOnly || one.resource.namespace === proxy.namespace))) {
    gateway.servers.forEach((server) => {
      const refuse = (message: string) => problems.push({ resource: gateway.resource, path: server.path, message });
      const http3 = speaksHttp3(server, targets);
      for (const port of podPorts(server, gateway, targets)) {
        const conflict = addServer(listeners, port, { gateway, server, routeName: routeName(gateway, server, port), http3 }, names);
        if (conflict) {
          refuse(conflict);
        }
      }
    });
  }
  return { listeners: [...listeners.values()], problems };
}

function runsOn(gateway: Gateway, proxy: Proxy, targets: readonly ServiceTarget[]): boolean {
  return gateway.forServices.length > 0
    ? targets.some((target) => gateway.forServices.includes(target.service.host))
    : selects(gateway.selector, proxy.labels);
}

/** The Service's port 80 may be the pods' 8080. Without such a Service, the number is the pods' own. */
function podPorts(server: Server, gateway: Gateway, targets: readonly ServiceTarget[]): number[] {
  const { number } = server.port;
  const named = gateway.forServices.length > 0;
  const suitable = targets.filter((one) => (named ? gateway.forServices.includes(one.service.host) : true));
  const ports = suitable.flatMap(({ service, port, target }) => {
    const direct = !named && service.labels[NO_TRANSLATION] !== undefined;
    return (direct ? target : port.number) === number ? [target] : [];
  });
  return ports.length > 0 ? [...new Set(ports)].sort((a, b) => a - b) : named ? [] : [number];
}

/** As Istio with `PILOT_ENABLE_QUIC_LISTENERS`: where a Service of the gateway has the same port for UDP. */
function speaksHttp3({ port, tls }: Server, targets: readonly ServiceTarget[]): boolean {
  return port.protocol === 'HTTPS' && tls?.mode === 'TERMINATE' && emitTermination(tls, 'http3') !== undefined
    && targets.some(({ service }) => service.ports.some((one) => one.number === port.number && one.protocol === 'UDP'));
}

function routeName({ name }: Gateway, server: Server, port: number): string | undefined {
  const bind = server.bind && `.${server.bind}`;
  if (isHttp(server.port.protocol)) {
    return `http.${port}${bind}`;
  }
  const [namespace, own] = name.split('/');
  return server.port.protocol === 'HTTPS' && server.tls?.mode === 'TERMINATE'
    ? `https.${server.port.number}.${server.port.name}.${own}.${namespace}${bind}`
    : undefined;
}

function kindOf(server: Server): EdgeListener['kind'] {
  return isHttp(server.port.protocol) ? 'http' : server.tls ? 'tls' : 'tcp';
}

/** Adds a server to the listener of its port; a sentence where that cannot be. */
function addServer(listeners: Map<string, EdgeListener>, port: number, planned: PlannedServer, names: TakenNames): string | undefined {
  const { server, routeName: route } = planned;
  const key = `${server.bind}_${port}`;
  const kind = kindOf(server);
  const known = listeners.get(key);
  if (known && (known.kind !== kind || kind === 'tcp')) {
    const first = known.servers[0];
    return `port ${port} is taken by server '${first.server.port.name}' of ${first.gateway.name} (${first.server.port.protocol}): `
      + 'servers share a port only if all are plain HTTP, or all use TLS';
  }
  if (kind === 'tls') {
    const taken = names.claim(key, server.hosts.map((host) => host.host));
    if (taken) {
      return `'${taken}' on port ${port} belongs to another server already: every name can have one only`;
    }
  }
  if (known && kind === 'tls' && route && known.servers.some((one) => one.routeName === route)) {
    return `two HTTPS servers on port ${port} are both called '${server.port.name}': give them different port names`;
  }
  if (known) {
    known.servers.push(planned);
  } else {
    listeners.set(key, { address: server.bind || ANY_ADDRESS, port, kind, servers: [planned] });
  }
  return undefined;
}

/** Names that clients ask for, by listener. */
class TakenNames {
  private readonly byListener = new Map<string, Set<string>>();

  /** The first that is taken already; otherwise all are taken from now on. */
  public claim(listener: string, names: readonly string[]): string | undefined {
    const taken = this.byListener.get(listener) ?? new Set<string>();
    const conflict = names.find((name) => taken.has(name));
    if (conflict === undefined) {
      names.forEach((name) => taken.add(name));
      this.byListener.set(listener, taken);
    }
    return conflict;
  }
}
