import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { AppRegistry } from './app-registry';
import { GatewayRoutes, type EdgeRule } from './gateway-routes';
import type { HostRoutes } from './gateway-writer';
import { hostAsName } from './names';

interface RoutedGateway {
  readonly construct: Construct;
  readonly name: string;
  readonly hosts: readonly string[];
  /** Writes the routes of some hosts as an object. */
  readonly write: (routes: HostRoutes) => ApiObject;
}

/** The routes of a gateway: one object for the hosts that share all of them, and one for each host with routes of its own. */
export class GatewayHosts {
  private readonly shared: GatewayRoutes;
  private readonly sharedRules: EdgeRule[] = [];
  private readonly byHost = new Map<string, GatewayRoutes>();
  private sharedObject?: ApiObject;

  constructor(private readonly gateway: RoutedGateway) {
    this.shared = new GatewayRoutes(gateway.construct);
  }

  /** The object for the hosts that share all routes. */
  get object(): ApiObject {
    this.sharedObject ??= this.gateway.write({
      id: '', name: this.gateway.name, routes: this.shared, hosts: () => this.gateway.hosts.filter((host) => !this.byHost.has(host)),
    });
    return this.sharedObject;
  }

  get isEmpty(): boolean {
    return this.sharedRules.length === 0 && this.byHost.size === 0;
  }

  /** Adds a route for one host, or for all. */
  add(host: string | undefined, rule: EdgeRule): void {
    AppRegistry.of(this.gateway.construct).changes += 1;
    if (host !== undefined) {
      this.ownRoutes(host).add(rule);
      return;
    }
    this.sharedRules.push(rule);
    [this.shared, ...this.byHost.values()].forEach((routes) => routes.add(rule));
    if (this.byHost.size < this.gateway.hosts.length) {
      void this.object;
    }
  }

  private ownRoutes(host: string): GatewayRoutes {
    const known = this.byHost.get(host);
    if (known !== undefined) {
      return known;
    }
    const routes = new GatewayRoutes(this.gateway.construct);
    this.sharedRules.forEach((rule) => routes.add(rule));
    this.byHost.set(host, routes);
    this.gateway.write({ id: `-${hostAsName(host)}`, name: `${this.gateway.name}-${hostAsName(host)}`, routes, hosts: () => [host] });
    if (this.byHost.size === this.gateway.hosts.length && this.sharedObject !== undefined) {
      this.gateway.construct.node.tryRemoveChild(this.sharedObject.node.id); // no host is left for it
      this.sharedObject = undefined;
    }
    return routes;
  }
}
