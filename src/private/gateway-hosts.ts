import type { Construct } from 'constructs';
import { MergedVirtualService } from '../merged-object';
import { AppRegistry } from './app-registry';
import { GatewayRoutes, type EdgeRule } from './gateway-routes';
import { hostAsName } from './names';

interface RoutedGateway {
  readonly construct: Construct;
  readonly name: string;
  /** The namespace of its VirtualServices. */
  readonly namespace: string;
  readonly hosts: readonly string[];
  /** `NAMESPACE/NAME` of its Gateway. */
  readonly gateway: string;
}

/** The routes of a gateway: one VirtualService for the hosts that share all of them, and one for each host with routes of its own. */
export class GatewayHosts {
  private readonly shared: GatewayRoutes;
  private readonly sharedRules: EdgeRule[] = [];
  private readonly byHost = new Map<string, GatewayRoutes>();
  private sharedObject?: MergedVirtualService;

  constructor(private readonly gateway: RoutedGateway) {
    this.shared = new GatewayRoutes(gateway.construct);
  }

  /** The VirtualService for the hosts that share all routes. */
  get virtualService(): MergedVirtualService {
    this.sharedObject ??= this.createObject('virtual-service', this.gateway.name, {
      routes: this.shared, hosts: () => this.gateway.hosts.filter((host) => !this.byHost.has(host)),
    });
    return this.sharedObject;
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
      void this.virtualService;
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
    this.createObject(`virtual-service-${hostAsName(host)}`, `${this.gateway.name}-${hostAsName(host)}`, { routes, hosts: () => [host] });
    if (this.byHost.size === this.gateway.hosts.length && this.sharedObject !== undefined) {
      this.gateway.construct.node.tryRemoveChild('virtual-service'); // no host is left for it
      this.sharedObject = undefined;
    }
    return routes;
  }

  private createObject(id: string, name: string, made: { routes: GatewayRoutes; hosts: () => readonly string[] }): MergedVirtualService {
    const { construct, namespace, gateway } = this.gateway;
    return new MergedVirtualService(construct, id, {
      metadata: { name, namespace },
      render: () => ({ hosts: made.hosts(), gateways: [gateway], ...made.routes.render() }),
    });
  }
}
