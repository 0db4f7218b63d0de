import type { EncodedResource } from '../model/configuration';
import { intersection } from '../model/host';
import type { Server } from '../model/listener';
import type { Mesh } from '../model/mesh';
import type { Problem } from '../model/problem';
import type { Proxy } from '../model/proxy';
import type { VirtualService } from '../model/route';
import { connectionCallerMatches } from '../model/route';
import type { SecretRef } from '../features/emitter';
import { Derived, InputCache } from './cache';
import type { Encoded } from './configuration';
import { byResourceName, encodeOne } from './configuration';
import type { EdgeListener, PlannedServer } from './edge-plan';
import { planEdge } from './edge-plan';
import { EdgeRoutesCompiler } from './edge-routes';
import type { ConnectionOptions } from './emit/connection-routes';
import { connectionFilters, tlsChains } from './emit/connection-routes';
import type { EdgeChain, Termination } from './emit/edge-listener';
import { edgeHttpFilter, emitEdgeListener, emitTermination } from './emit/edge-listener';
import { serverHosts } from './emit/edge-hosts';
import { listenerName } from './emit/outbound-listener';
import { emitSecret } from './emit/secret';
import { ServiceTargets } from './service-targets';
import type { Scope } from './scope';
import { ruleInputs, targetsOf } from './targets';
import { visibleRules } from './visibility';

const NO_RULES: readonly VirtualService[] = [];

export interface Edge {
  readonly listeners: Encoded;
  readonly routes: Encoded;
  readonly secrets: readonly SecretRef[];
  readonly problems: readonly Problem[];
}

interface EdgeInput {
  readonly key: string;
  readonly mesh: Mesh;
  readonly proxy: Proxy;
  readonly scope: Scope;
  readonly rulesOf: (server: PlannedServer) => readonly VirtualService[];
}

interface EncodedListener {
  readonly resource?: EncodedResource;
  readonly secrets: readonly SecretRef[];
  readonly problems: readonly Problem[];
}

/** What a gateway does with requests and connections from outside, or on their way there. */
export class EdgeCompiler {
  private readonly listeners = new InputCache<EncodedListener>();
  private readonly listenerMaps = new InputCache<Encoded>(2);
  private readonly routeMaps = new InputCache<Encoded>(2);
  private readonly routes = new EdgeRoutesCompiler();
  private readonly targets = new ServiceTargets();
  private readonly byGateway = new Derived(groupByGateway);
  private readonly rules = new InputCache<readonly VirtualService[]>(2);

  public compile({ key, mesh, proxy, scope }: Omit<EdgeInput, 'rulesOf'>): Edge {
    const input: EdgeInput = { key, mesh, proxy, scope, rulesOf: (server) => this.rulesOf(mesh, proxy, server) };
    const plan = planEdge(mesh, proxy, this.targets.of(mesh, proxy));
    const listeners = plan.listeners.map((listener) => this.listener(input, listener));
    const resources = listeners.flatMap((one) => one.resource ?? []);
    const tables = [...groupByRoutes(plan.listeners)].map(([name, servers]) => this.routeTable(input, name, servers));
    return {
      listeners: this.listenerMaps.get(key, resources, () => byResourceName(resources)),
      routes: this.routeMaps.get(key, tables, () => byResourceName(tables)),
      secrets: listeners.flatMap((one) => one.secrets),
      problems: [...plan.problems, ...listeners.flatMap((one) => one.problems)],
    };
  }

  private listener(input: EdgeInput, planned: EdgeListener): EncodedListener {
    const { mesh, scope, proxy } = input;
    const rules = planned.servers.filter((one) => !one.routeName).flatMap((one) => input.rulesOf(one));
    const missing = planned.servers.flatMap((one) => missingSecrets(one, proxy, mesh));
    const { destinations } = scope;
    const servers = planned.servers.flatMap((one) => [one.gateway, one.server]);
    const inputs = [mesh.settings, destinations.looksUpHosts, ...servers, ...ruleInputs(destinations, rules), missing.join()];
    return this.listeners.get(`${input.key} ${listenerName(planned.address, planned.port)}`, inputs, () => encodeListener(input, planned));
  }

  private routeTable({ key, scope: { client, destinations }, rulesOf }: EdgeInput, name: string, servers: readonly PlannedServer[]): EncodedResource {
    return this.routes.table({ key, client, destinations }, name, servers.map((one) => ({ ...one, rules: rulesOf(one) })));
  }

  /** The VirtualServices that name a server's gateway and that the proxy's namespace sees, those first that go before the others. */
  private rulesOf({ virtualServices }: Mesh, { namespace }: Proxy, { gateway }: PlannedServer): readonly VirtualService[] {
    const all = visibleRules(this.byGateway.of(virtualServices).get(gateway.name) ?? NO_RULES, namespace);
    return this.rules.get(`${namespace} ${gateway.name}`, all, () => all);
  }
}

function groupByGateway(virtualServices: readonly VirtualService[]): Map<string, VirtualService[]> {
  const groups = new Map<string, VirtualService[]>();
  for (const one of virtualServices) {
    for (const gateway of new Set(one.gateways)) {
      const group = groups.get(gateway);
      if (group) {
        group.push(one);
      } else {
        groups.set(gateway, [one]);
      }
    }
  }
  return groups;
}

function groupByRoutes(listeners: readonly EdgeListener[]): Map<string, PlannedServer[]> {
  const groups = new Map<string, PlannedServer[]>();
  for (const server of listeners.flatMap((listener) => listener.servers)) {
    if (server.routeName) {
      groups.set(server.routeName, [...(groups.get(server.routeName) ?? []), server]);
    }
  }
  return groups;
}

function encodeListener(input: EdgeInput, planned: EdgeListener): EncodedListener {
  const problems: Problem[] = [];
  const name = listenerName(planned.address, planned.port);
  const statPrefix = `outbound_${name}`;
  const built = planned.kind === 'http'
    ? [{ chain: { names: [], filters: [edgeHttpFilter(statPrefix, `http.${planned.port}`, {
      ...edgeOptions(input), grpcWeb: planned.servers.some(({ server }) => server.port.protocol === 'GRPC-Web'),
    })] }, secrets: [] }]
    : planned.servers.flatMap((server) => serverChains(input, planned, server, problems));
  const chains = withoutConflicts(built.map((one) => one.chain));
  return {
    resource: chains.length > 0
      ? encodeOne('listener', name, emitEdgeListener(planned.address, planned.port, chains, input.mesh.settings))
      : undefined,
    secrets: built.flatMap((one) => one.secrets),
    problems,
  };
}

function edgeOptions({ mesh: { settings }, scope: { destinations: { looksUpHosts } } }: EdgeInput) {
  return { settings, looksUpHosts };
}

interface BuiltChain {
  readonly chain: EdgeChain;
  readonly secrets: readonly SecretRef[];
}

function serverChains(input: EdgeInput, planned: EdgeListener, one: PlannedServer, problems: Problem[]): BuiltChain[] {
  const { server, gateway } = one;
  const missing = missingSecrets(one, input.proxy, input.mesh);
  if (missing.length > 0) {
    const path = server.path ?? `spec.servers[${gateway.servers.indexOf(server)}].tls.credentialName`;
    problems.push({ resource: gateway.resource, path, message: `${missing.join(' and ')}: the server is left out` });
    return [];
  }
  const termination = server.tls?.mode === 'TERMINATE' ? emitTermination(server.tls, one.routeName !== undefined) : undefined;
  if (one.routeName) {
    const statPrefix = server.name || `outbound_${listenerName(planned.address, planned.port)}`;
    const filters = [edgeHttpFilter(statPrefix, one.routeName, { ...edgeOptions(input), grpcWeb: server.port.protocol === 'GRPC-Web' })];
    return [built({ names: serverNames(one), filters }, termination)];
  }
  return server.tls?.mode === 'PASSTHROUGH' ? passthroughChains(input, one) : tcpChains(input, one, termination);
}

function built(chain: EdgeChain, termination: Termination | undefined): BuiltChain {
  return termination
    ? { chain: { ...chain, transportSocket: termination.transportSocket }, secrets: termination.secrets }
    : { chain, secrets: [] };
}

/** What clients ask for; `*` asks for anything. */
function serverNames({ server }: PlannedServer): string[] {
  const names = server.hosts.map((one) => one.host);
  return names.includes('*') ? [] : [...new Set(names)];
}

function connectionOptions(input: EdgeInput, { gateway, server }: PlannedServer): ConnectionOptions {
  const caller = { ...input.scope.client, gateway: gateway.name, port: server.port.number };
  return { caller, targets: targetsOf(input.scope.destinations), settings: input.mesh.settings, cidrs: [], protocol: server.port.protocol };
}

function rulesForServer(input: EdgeInput, planned: PlannedServer): VirtualService[] {
  return input.rulesOf(planned).filter((one) => intersection(serverHosts(planned.server, one.namespace), one.hosts).length > 0);
}

/** Opaque connections, terminated or not: rules by name, and then the first rule that suits takes the rest. */
function tcpChains(input: EdgeInput, planned: PlannedServer, termination: Termination | undefined): BuiltChain[] {
  const options = connectionOptions(input, planned);
  const rule = rulesForServer(input, planned).flatMap((one) => one.tcp).find((one) => one.destinations.length > 0
    && (one.matches.length === 0 || one.matches.some((match) => connectionCallerMatches({ ...match, sourceLabels: {} }, options.caller))));
  const byName = termination ? tlsChains(rulesForServer(input, planned), options).list : [];
  return [
    ...byName.map((chain) => built({ names: chain.sniHosts.filter((name) => name !== '*'), filters: chain.filters }, termination)),
    ...rule ? [built({ names: termination ? serverNames(planned) : [], filters: connectionFilters(rule.destinations, options) }, termination)] : [],
  ];
}

function passthroughChains(input: EdgeInput, planned: PlannedServer): BuiltChain[] {
  const { list } = tlsChains(rulesForServer(input, planned), connectionOptions(input, planned));
  return list.map((chain) => built({ names: chain.sniHosts.filter((name) => name !== '*'), filters: chain.filters }, undefined));
}

/** Envoy refuses a listener in which a name stands twice. */
function withoutConflicts(chains: readonly EdgeChain[]): EdgeChain[] {
  const seen = new Set<string>();
  return chains.flatMap((chain) => {
    const names = (chain.names.length > 0 ? chain.names : ['*']).filter((name) => !seen.has(name));
    names.forEach((name) => seen.add(name));
    return names.length > 0 ? [{ ...chain, names: names.filter((name) => name !== '*') }] : [];
  });
}

/** A listener that waits for a certificate that does not exist would keep all others of its port waiting too. */
function missingSecrets({ server }: PlannedServer, proxy: Proxy, mesh: Mesh): string[] {
  return secretsOf.of(server)
    .filter((ref) => !emitSecret(ref, proxy.namespace, mesh.secrets))
    .map((ref) => `Secret '${ref.secret}' with ${ref.part === 'certificate' ? 'tls.crt and tls.key' : 'ca.crt'} is not in namespace ${proxy.namespace}`);
}

const secretsOf = new Derived(({ tls }: Server): readonly SecretRef[] => (tls?.mode === 'TERMINATE' ? emitTermination(tls, true)?.secrets ?? [] : []));
