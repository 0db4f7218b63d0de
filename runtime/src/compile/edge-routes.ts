import type { EncodedResource } from '../model/configuration';
import { intersection } from '../model/host';
import type { Server } from '../model/listener';
import type { ProxySettings } from '../model/proxy-settings';
import type { VirtualService } from '../model/route';
import { Derived, InputCache, ObjectCache } from './cache';
import type { PlannedServer } from './edge-plan';
import type { EdgeHostGroup, EdgeRule } from './emit/edge-hosts';
import { emitEdgeHost, groupEdgeHosts, serverHosts } from './emit/edge-hosts';
import { encodeJoinedHost, encodeEdgeTable, encodeRoutes } from './emit/encoded-routes';
import type { Call } from './rule-routes';
import { RuleRoutes } from './rule-routes';
import type { Client, Destinations } from './scope';

/** A server, and the VirtualServices that name its gateway. */
export interface RoutedServer extends PlannedServer {
  readonly rules: readonly VirtualService[];
}

export interface EdgeRoutesInput {
  readonly key: string;
  readonly client: Client;
  readonly destinations: Destinations;
}

/** Route tables of gateways: like those for outgoing requests, every host is made and encoded for itself. */
export class EdgeRoutesCompiler {
  private readonly tables = new InputCache<EncodedResource>(2);
  private readonly contents = new InputCache<EncodedResource>(2);
  private readonly hosts = new InputCache<Uint8Array>();
  private readonly encodedRoutes = new Derived(encodeRoutes);
  private readonly commonHosts = new ObjectCache<VirtualService, readonly string[]>();
  private readonly edgeRules = new InputCache<Derived<VirtualService, EdgeRule>>(2);
  private readonly routes = new RuleRoutes();

  /** The table of all servers that share it. */
  public table(input: EdgeRoutesInput, name: string, servers: readonly RoutedServer[]): EncodedResource {
    const key = `${input.key} ${name}`;
    return this.tables.get(key, [input.destinations, ...servers.flatMap((one) => [one.server, one.http3, one.gateway.name, one.rules])], () => {
      const groups = groupEdgeHosts(servers.map((one) => ({ server: one.server, http3: one.http3, rules: this.rulesOf(input, one) })));
      const encoded = groups.map((group) => this.host(group, input.destinations.proxy));
      return this.contents.get(key, encoded, () => encodeEdgeTable(name, encoded));
    });
  }

  /** What `table` needs, rule by rule: others may have their turn in between. */
  public * prepare(input: EdgeRoutesInput, server: RoutedServer): Generator<void> {
    for (const rule of server.rules) {
      const [{ routes }] = this.rulesOf(input, { ...server, rules: [rule] });
      this.encodedRoutes.of(routes);
      yield;
    }
  }

  private rulesOf({ key, client, destinations }: EdgeRoutesInput, { server, gateway, rules }: RoutedServer): EdgeRule[] {
    const { number: port } = server.port;
    const tls = server.tls?.mode === 'TERMINATE';
    const made = this.edgeRules.get(`${key} ${gateway.name} ${port}`, [destinations, server], () => {
      const call: Call = { client, destinations, gateway: gateway.name, port, tls };
      return new Derived((rule) => this.edgeRule(rule, server, call));
    });
    return rules.map((rule) => made.of(rule));
  }

  private edgeRule(rule: VirtualService, server: Server, call: Call): EdgeRule {
    const hosts = this.commonHosts.get(rule, [server], () => intersection(serverHosts(server, rule.namespace), rule.hosts));
    return { hosts, routes: hosts.length > 0 ? this.routes.of(rule, call) : [] };
  }

  private host(group: EdgeHostGroup, proxy: ProxySettings): Uint8Array {
    const { name, redirect, http3, hosts, parts } = group;
    return this.hosts.get(name, [redirect, http3, proxy.attemptCount, hosts.length, ...hosts, ...parts], () =>
      encodeJoinedHost(emitEdgeHost(group, proxy), parts.map((part) => this.encodedRoutes.of(part))));
  }
}
