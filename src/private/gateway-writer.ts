import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { Gateway as GatewayResource } from '../../imports/istio/gateway';
import type { ICallable } from '../mesh-member';
import { MergedVirtualService } from '../merged-object';
import type { GatewayListeners } from './gateway-listeners';
import type { GatewayRoutes } from './gateway-routes';
import { renderServer, renderTcpRoutes, renderTlsRoutes } from './istio-gateway';
import { lateSpec } from './late-spec';

/** A gateway as those who write it know it. */
export interface WrittenGateway {
  readonly construct: Construct;
  readonly name: string;
  readonly namespace: string;
  /** The namespace of its routes, which is another one where somebody else writes the gateway. */
  readonly routesNamespace: string;
  /** Whether we write it. */
  readonly own: boolean;
  readonly hosts: readonly string[];
  readonly listeners: GatewayListeners;
}

/** The routes of some hosts. */
export interface HostRoutes {
  readonly id: string;
  readonly name: string;
  readonly hosts: () => readonly string[];
  readonly routes: GatewayRoutes;
  /** Whether all of them are about gRPC; the Gateway API has a kind of its own for those. */
  readonly grpc?: boolean;
}

/** Writes a gateway in one of the APIs. */
export interface GatewayWriter {
  /** Called for each service that the gateway sends something to. */
  admit(service: ICallable, kind: 'HTTPRoute' | 'GRPCRoute' | 'TCPRoute' | 'TLSRoute'): void;
  gateway(): ApiObject;
  routes(made: HostRoutes): ApiObject;
  /** Called after a port for connections, or TLS that goes through, was added to the listeners. */
  connections(kind: 'tcp' | 'tls'): void;
}

/** Istio's Gateway and VirtualServices. */
export class IstioWriter implements GatewayWriter {
  constructor(private readonly written: WrittenGateway, private readonly selector: Readonly<Record<string, string>>) {}

  admit(): void {
    // Istio's objects may name every service.
  }

  gateway(): ApiObject {
    const { construct, name, namespace, listeners } = this.written;
    return new GatewayResource(construct, 'gateway', {
      metadata: { name, namespace },
      spec: lateSpec(construct, () => ({ selector: this.selector, servers: listeners.listeners().map(renderServer) })),
    });
  }

  routes({ id, name, hosts, routes }: HostRoutes): MergedVirtualService {
    const { construct, routesNamespace } = this.written;
    return new MergedVirtualService(construct, `virtual-service${id}`, {
      metadata: { name, namespace: routesNamespace },
      render: () => ({ hosts: hosts(), gateways: [this.reference], ...routes.render() }),
    });
  }

  connections(kind: 'tcp' | 'tls'): void {
    const { construct, name, routesNamespace, listeners } = this.written;
    if (construct.node.tryFindChild(`virtual-service-${kind}`) === undefined) {
      new MergedVirtualService(construct, `virtual-service-${kind}`, {
        metadata: { name: `${name}-${kind}`, namespace: routesNamespace },
        render: () => (kind === 'tcp' ? renderTcpRoutes(listeners.tcp(), this.reference) : renderTlsRoutes(listeners.tls(), this.reference)),
      });
    }
  }

  private get reference(): string {
    return `${this.written.namespace}/${this.written.name}`;
  }
}
