import type { EncodedResource } from '../model/configuration';
import { compare } from '../model/host';
import type { Mesh } from '../model/mesh';
import type { Problem } from '../model/problem';
import type { Proxy } from '../model/proxy';
import type { VirtualService } from '../model/route';
import type { SecretRef } from '../features/emitter';
import { Derived, InputCache } from './cache';
import type { Encoded } from './configuration';
import { byResourceName, encodeOne } from './configuration';
import type { EdgeListener, PlannedServer } from './edge-plan';
import { planEdge } from './edge-plan';
import { EdgeRoutesCompiler } from './edge-routes';
import type { EdgeInput } from './edge-chains';
import { builtChains, missingSecrets } from './edge-chains';
import { emitEdgeListener, emitQuicListener, quicListenerName } from './emit/edge-listener';
import { listenerName } from './emit/outbound-listener';
import { append, groupBy } from './groups';
import { ServiceTargets } from './service-targets';
import { ruleInputs } from './targets';
import { visibleRules } from './visibility';

const NO_RULES: readonly VirtualService[] = [];

export interface Edge {
  readonly listeners: Encoded;
  readonly routes: Encoded;
  readonly secrets: readonly SecretRef[];
  readonly problems: readonly Problem[];
  /** Those whose servers it runs. */
  readonly gateways: ReadonlySet<string>;
  /** Hosts of services that other networks reach by the names of their clusters. */
  readonly passedOn: readonly string[];
}

interface EncodedListener {
  /** One, and another for HTTP/3; none where nobody could be answered. */
  readonly resources: readonly EncodedResource[];
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

  public compile({ key, mesh, proxy, scope, policies }: Omit<EdgeInput, 'rulesOf'>): Edge {
    const input: EdgeInput = { key, mesh, proxy, scope, policies, rulesOf: (server) => this.rulesOf(mesh, proxy, server) };
    const plan = planEdge(mesh, proxy, this.targets.of(mesh, proxy));
    const listeners = plan.listeners.map((listener) => this.listener(input, listener));
    const resources = listeners.flatMap((one) => one.resources);
    const byTable = groupBy(plan.listeners.flatMap((listener) => listener.servers), (server) => server.routeName);
    const tables = [...byTable].map(([name, servers]) => this.routeTable(input, name, servers));
    return {
      listeners: this.listenerMaps.get(key, resources, () => byResourceName(resources)),
      routes: this.routeMaps.get(key, tables, () => byResourceName(tables)),
      secrets: listeners.flatMap((one) => one.secrets),
      problems: [...plan.problems, ...listeners.flatMap((one) => one.problems)],
      gateways: new Set(plan.listeners.flatMap((listener) => listener.servers.map((server) => server.gateway.name))),
      passedOn: passedOnHosts(plan.listeners),
    };
  }

  /** Makes the routes of VirtualServices one by one: others may have their turn in between, and `compile` finds them made. */
  public * prepare({ key, mesh, proxy, scope: { client, destinations } }: Omit<EdgeInput, 'rulesOf'>): Generator<void> {
    for (const server of planEdge(mesh, proxy, this.targets.of(mesh, proxy)).listeners.flatMap((listener) => listener.servers)) {
      if (server.routeName) {
        yield* this.routes.prepare({ key, client, destinations }, { ...server, rules: this.rulesOf(mesh, proxy, server) });
      }
    }
  }

  private listener(input: EdgeInput, planned: EdgeListener): EncodedListener {
    const { mesh, scope, proxy, policies } = input;
    const rules = planned.servers.filter((one) => !one.routeName).flatMap((one) => input.rulesOf(one));
    const missing = planned.servers.flatMap((one) => missingSecrets(one, proxy, mesh));
    const { destinations } = scope;
    const servers = planned.servers.flatMap((one) => [one.gateway, one.server, one.http3]);
    // Whatever can be reached by the name of its cluster: all that there is.
    const all = planned.servers.some((one) => one.server.tls?.mode === 'AUTO_PASSTHROUGH') ? destinations : undefined;
    const inputs = [mesh.settings, policies, destinations.looksUpHosts, all, ...servers, ...ruleInputs(destinations, rules), missing.join()];
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
    new Set(one.gateways).forEach((gateway) => append(groups, gateway, one));
  }
  return groups;
}

function encodeListener(input: EdgeInput, planned: EdgeListener): EncodedListener {
  const { settings } = input.mesh;
  const { address, port } = planned;
  const { tcp, quic, secrets, problems } = builtChains(input, planned);
  return {
    resources: [
      ...(tcp.length > 0 ? [encodeOne('listener', listenerName(address, port), emitEdgeListener(address, port, tcp, settings))] : []),
      ...(quic.length > 0 ? [encodeOne('listener', quicListenerName(address, port), emitQuicListener(address, port, quic, settings))] : []),
    ],
    secrets,
    problems,
  };
}

function passedOnHosts(listeners: readonly EdgeListener[]): string[] {
  const servers = listeners.flatMap((one) => one.servers).filter(({ server }) => server.tls?.mode === 'AUTO_PASSTHROUGH');
  return [...new Set(servers.flatMap(({ server }) => server.hosts.map(({ host }) => host)))].sort(compare);
}
