import type { Filter } from '../envoy';
import type { SecretRef } from '../features/emitter';
import { intersection } from '../model/host';
import type { Server } from '../model/listener';
import type { Mesh } from '../model/mesh';
import type { Problem } from '../model/problem';
import type { Proxy } from '../model/proxy';
import type { TcpRule, VirtualService } from '../model/route';
import type { AppliedPolicies } from '../model/workload-policy';
import { connectionCallerMatches } from '../model/route';
import { Derived } from './cache';
import type { EdgeListener, PlannedServer } from './edge-plan';
import { sniChains } from './edge-sni';
import type { ConnectionOptions } from './emit/connection-routes';
import { connectionFilters } from './emit/connection-routes';
import { serverHosts } from './emit/edge-hosts';
import type { EdgeChain } from './emit/edge-listener';
import { edgeHttpFilter, emitTermination } from './emit/edge-listener';
import { connectionGuards } from './emit/network-filter';
import { listenerName } from './emit/outbound-listener';
import { emitSecret } from './emit/secret';
import type { Scope } from './scope';
import { targetsOf } from './targets';

export interface EdgeInput {
  readonly key: string;
  readonly mesh: Mesh;
  readonly proxy: Proxy;
  readonly scope: Scope;
  /** Those of the gateway's pods. */
  readonly policies: AppliedPolicies;
  /** VirtualServices that name the server's gateway. */
  readonly rulesOf: (server: PlannedServer) => readonly VirtualService[];
}

export interface BuiltChains {
  readonly tcp: readonly EdgeChain[];
  /** For HTTP/3. */
  readonly quic: readonly EdgeChain[];
  readonly secrets: readonly SecretRef[];
  readonly problems: readonly Problem[];
}

/** What becomes of connections to a listener, by the name that the client asks for. */
export function builtChains(input: EdgeInput, planned: EdgeListener): BuiltChains {
  const builder = new ChainBuilder(input, planned);
  // Plain HTTP servers share their one chain.
  planned.servers.slice(0, planned.kind === 'http' ? 1 : undefined).forEach((server) => builder.add(server));
  return builder;
}

/** The kind of the Gateway API. */
const TLS_ROUTE = 'TLSRoute';

class ChainBuilder implements BuiltChains {
  public readonly tcp: EdgeChain[] = [];
  public readonly quic: EdgeChain[] = [];
  public readonly secrets: SecretRef[] = [];
  public readonly problems: Problem[] = [];
  /** Envoy refuses a listener in which a name stands twice. */
  private readonly names = new Set<string>();

  public constructor(private readonly input: EdgeInput, private readonly planned: EdgeListener) {}

  public add(one: PlannedServer): void {
    const { server } = one;
    const missing = missingSecrets(one, this.input.proxy, this.input.mesh);
    if (missing.length > 0) {
      this.problems.push({ resource: one.gateway.resource, path: `${server.path}.tls.credentialName`, message: `${missing.join(' and ')}: the server is left out` });
    } else if (one.routeName !== undefined) {
      this.addHttp(one, one.routeName);
    } else if (server.tls?.mode === 'PASSTHROUGH') {
      this.addByName(one);
    } else if (server.tls?.mode === 'AUTO_PASSTHROUGH') {
      sniChains(this.input.scope.destinations, server.hosts.map(({ host }) => host), this.input.mesh.settings).forEach((chain) => this.push(chain));
    } else {
      this.addTcp(one);
    }
  }

  private addHttp(one: PlannedServer, routeName: string): void {
    const { mesh: { settings }, scope: { destinations: { looksUpHosts } }, policies } = this.input;
    const plain = this.planned.kind === 'http';
    const grpcWeb = (plain ? this.planned.servers : [one]).some(({ server }) => server.port.protocol === 'GRPC-Web');
    const statPrefix = (!plain && one.server.name) || `outbound_${listenerName(this.planned.address, this.planned.port)}`;
    const names = plain ? [] : serverNames(one);
    const filters = (http3: boolean) => [edgeHttpFilter(statPrefix, routeName, { settings, looksUpHosts, grpcWeb, http3, policies })];
    this.push({ names, filters: filters(false) }, one.server, 'http');
    const quic = one.http3 && one.server.tls ? emitTermination(one.server.tls, 'http3', settings.features) : undefined;
    if (quic) {
      this.quic.push({ names, filters: filters(true), transportSocket: quic.transportSocket });
    }
  }

  /**
   * Opaque connections, terminated or not: the first rule for connections that suits takes them. Rules by name of a VirtualService are for TLS
   * that goes on, as in Istio; a TLSRoute may be for a listener that ends it (https://gateway-api.sigs.k8s.io/guides/tls/).
   */
  private addTcp(one: PlannedServer): void {
    if (one.server.tls) {
      this.addByName(one, one.server);
    }
    const options = this.connectionOptions(one);
    const suits = ({ destinations, matches }: TcpRule) => destinations.length > 0
      && (matches.length === 0 || matches.some((match) => connectionCallerMatches(anyCaller(match), options.caller)));
    const [found] = this.rulesFor(one).flatMap(({ tcp, resource }) => tcp.filter(suits).map(({ destinations }) => ({ destinations, resource })));
    if (found) {
      this.push({ names: one.server.tls ? serverNames(one) : [], filters: this.guarded(found.destinations, options, found.resource) }, one.server);
    } else if (one.server.tls) {
      this.problems.push(...this.rulesFor(one).filter(({ resource: { kind }, tls }) => tls.length > 0 && kind !== TLS_ROUTE).map(({ resource }): Problem => ({
        resource, path: 'spec.tls', severity: 'warning',
        message: `is for TLS that goes on to the destination, and on port ${this.planned.port} the gateway ends it: write tcp, whose rules take what is inside`,
      })));
    }
  }

  /** Of rules with the same names the oldest counts. */
  private addByName(one: PlannedServer, terminating?: Server): void {
    const options = this.connectionOptions(one);
    for (const { resource, tls } of this.rulesFor(one).filter((rule) => !terminating || rule.resource.kind === TLS_ROUTE)) {
      tls.forEach(({ destinations, matches }, i) => matches.forEach((match, j) => {
        if (destinations.length === 0 || !connectionCallerMatches(anyCaller(match), options.caller)) {
          return;
        }
        const taken = this.push({ names: match.sniHosts.filter((name) => name !== '*'), filters: this.guarded(destinations, options, resource) }, terminating);
        if (taken) {
          const message = `on port ${this.planned.port}, ${taken} belongs to an earlier rule or server already: the match is left out`;
          this.problems.push({ resource, path: `spec.tls[${i}].match[${j}].sniHosts`, message });
        }
      }));
    }
  }

  /** Adds a chain, with TLS if the server terminates it. Names that are taken already, if there are any: then it is not added. */
  private push(chain: EdgeChain, server?: Server, carries: 'http' | 'bytes' = 'bytes'): string | undefined {
    const names = chain.names.length > 0 ? chain.names : ['*'];
    const taken = names.filter((name) => this.names.has(name));
    if (taken.length > 0) {
      return taken.map((name) => `'${name}'`).join(', ');
    }
    names.forEach((name) => this.names.add(name));
    const termination = server?.tls?.mode === 'TERMINATE' ? emitTermination(server.tls, carries, this.input.mesh.settings.features) : undefined;
    this.tcp.push(termination ? { ...chain, transportSocket: termination.transportSocket } : chain);
    this.secrets.push(...termination?.secrets ?? []);
    return undefined;
  }

  /** Where connections are passed on by the names of clusters nobody asks who they are: that is for whoever receives them. */
  private guarded(...[destinations, options, rule]: Parameters<typeof connectionFilters>): Filter[] {
    const { mesh: { settings }, policies } = this.input;
    return [...connectionGuards({ side: 'edge', settings, policies }), ...connectionFilters(destinations, options, rule)];
  }

  private connectionOptions({ gateway, server }: PlannedServer): ConnectionOptions {
    const { scope, mesh } = this.input;
    const caller = { ...scope.client, gateway: gateway.name, port: server.port.number };
    return { caller, targets: targetsOf(scope.destinations), settings: mesh.settings, cidrs: [], protocol: server.port.protocol };
  }

  private rulesFor(planned: PlannedServer): VirtualService[] {
    return this.input.rulesOf(planned).filter((one) => intersection(serverHosts(planned.server, one.namespace), one.hosts).length > 0);
  }
}

/** At a gateway, as in Istio, only its name and the port count: who calls, and which address of the gateway, is nobody's business. */
function anyCaller<M extends object>(match: M): M {
  return { ...match, sourceLabels: {}, sourceNamespace: undefined };
}

/** What clients ask for; `*` asks for anything. */
function serverNames({ server }: PlannedServer): string[] {
  const names = server.hosts.map((one) => one.host);
  return names.includes('*') ? [] : [...new Set(names)];
}

/** A listener that waits for a certificate that does not exist would keep all others of its port waiting too. */
export function missingSecrets({ server }: PlannedServer, proxy: Proxy, mesh: Mesh): string[] {
  return secretsOf.of(server)
    .filter((ref) => !emitSecret(ref, proxy.namespace, mesh.secrets))
    .map((ref) => `Secret '${ref.secret}' with ${ref.part === 'certificate' ? 'tls.crt and tls.key' : 'ca.crt'} is not in namespace ${proxy.namespace}`);
}

const secretsOf = new Derived(({ tls }: Server): readonly SecretRef[] => (tls?.mode === 'TERMINATE' ? emitTermination(tls, 'http')?.secrets ?? [] : []));
