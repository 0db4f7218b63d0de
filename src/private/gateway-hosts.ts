import type { Construct } from 'constructs';
import { MergedVirtualService } from '../merged-object';
import { AppRegistry } from './app-registry';
import { GatewayRoutes, type EdgeRule } from './gateway-routes';
import { hostAsName } from './names';

interface NamedGateway extends Construct {
  readonly name: string;
  readonly namespace: string;
  readonly hosts: readonly string[];
}

/** The routes of a gateway: one VirtualService for the hosts that share all of them, and one for each host with routes of its own. */
export class GatewayHosts {
  private readonly shared: GatewayRoutes;
  private readonly sharedRules: EdgeRule[] = [];
  private readonly byHost = new Map<string, GatewayRoutes>();
  private sharedObject?: MergedVirtualService;

  constructor(private readonly gateway: NamedGateway) {
    this.shared = new GatewayRoutes(gateway);
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
    AppRegistry.of(this.gateway).changes += 1;
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
    const routes = new GatewayRoutes(this.gateway);
    this.sharedRules.forEach((rule) => routes.add(rule));
    this.byHost.set(host, routes);
    this.createObject(`virtual-service-${hostAsName(host)}`, `${this.gateway.name}-${hostAsName(host)}`, { routes, hosts: () => [host] });
    if (this.byHost.size === this.gateway.hosts.length && this.sharedObject !== undefined) {
      this.gateway.node.tryRemoveChild('virtual-service'); // no host is left for it
      this.sharedObject = undefined;
    }
    return routes;
  }

  private createObject(id: string, name: string, made: { routes: GatewayRoutes; hosts: () => readonly string[] }): MergedVirtualService {
    const { namespace, name: gateway } = this.gateway;
    return new MergedVirtualService(this.gateway, id, {
      metadata: { name, namespace },
      render: () => ({ hosts: made.hosts(), gateways: [`${namespace}/${gateway}`], ...made.routes.render() }),
    });
  }
}
