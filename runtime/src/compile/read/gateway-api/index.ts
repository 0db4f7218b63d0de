import { GATEWAY_API } from '../../../gateway-api';
import type { DestinationRule } from '../../../model/cluster';
import type { Gateway } from '../../../model/listener';
import type { Problem } from '../../../model/problem';
import type { Resource } from '../../../model/resource';
import type { VirtualService } from '../../../model/route';
import type { ResourceMap } from '../../../model/snapshot';
import type { ObjectStatus } from '../../../model/status';
import { sameItems } from '../../cache';
import { TracedReadings } from '../traced';
import { readBackendTlsPolicy } from './backend-tls';
import { tcpRouteConflicts, tcpRouteReader, tlsRouteReader } from './connection-route';
import { readKubernetesGateway } from './gateway';
import { grpcRouteReader, httpRouteReader } from './http-route';
import { readListenerSet } from './listener-set';
import { RouteMerger, byRouteAge } from './merge';
import { PolicyRules } from './policy-rules';
import type { RouteReading } from './route';
import { readRoute } from './route';
import { statusesOf } from './statuses';
import type { World, WorldInput } from './world';
import { worldOf } from './world-index';

/** What the objects of the Gateway API mean in Istio's terms. */
export interface GatewayApiReading {
  readonly gateways: readonly Gateway[];
  readonly virtualServices: readonly VirtualService[];
  readonly destinationRules: readonly DestinationRule[];
  readonly problems: readonly Problem[];
  readonly statuses: () => readonly ObjectStatus[];
}

/** The kinds that are read, and those that they refer to. */
const KINDS = [
  ...['GatewayClass', 'Gateway', 'ListenerSet', 'HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'BackendTLSPolicy', 'ReferenceGrant'].map((kind) => `${GATEWAY_API}/${kind}`),
  '/Namespace', '/Secret', '/ConfigMap', 'networking.istio.io/ServiceEntry',
];

/**
 * Reads the Gateway API as Istio does: every listener is a Gateway of its own, and the routes of one host at one listener are a
 * VirtualService. An object is read again only when it, or something that it refers to, has changed.
 */
export class GatewayApiReader {
  private readonly gateways = new TracedReadings(readKubernetesGateway);
  private readonly listenerSets = new TracedReadings(readListenerSet);
  private readonly routes: readonly (readonly [kind: string, readings: TracedReadings<World, RouteReading>])[] = [
    ['HTTPRoute', new TracedReadings((route, world) => readRoute(route, world, httpRouteReader))],
    ['GRPCRoute', new TracedReadings((route, world) => readRoute(route, world, grpcRouteReader))],
    ['TLSRoute', new TracedReadings((route, world) => readRoute(route, world, tlsRouteReader))],
    ['TCPRoute', new TracedReadings((route, world) => readRoute(route, world, tcpRouteReader))],
  ];
  private readonly policies = new TracedReadings(readBackendTlsPolicy);
  private readonly policyRules = new PolicyRules();
  private readonly merger = new RouteMerger();
  private latest?: { readonly inputs: readonly unknown[]; readonly reading: GatewayApiReading };

  public read(input: WorldInput): GatewayApiReading {
    const inputs = [...KINDS.map(input.kinds), input.servicesByHost, input.endpoints];
    if (!this.latest || !sameItems(this.latest.inputs, inputs)) {
      this.latest = { inputs, reading: this.readAll(input) };
    }
    return this.latest.reading;
  }

  private readAll(input: WorldInput): GatewayApiReading {
    const kind = (name: string): ResourceMap => input.kinds(`${GATEWAY_API}/${name}`);
    const world: World = worldOf(input, (owner, resource) => (owner === 'Gateway' ? this.gateways : this.listenerSets).of(resource, world));
    const all = (name: string): Resource[] => [...kind(name).values()];
    const gateways = all('Gateway').map((one) => this.gateways.of(one, world));
    const sets = all('ListenerSet').map((one) => this.listenerSets.of(one, world));
    const routes = this.routes.flatMap(([name, readings]) => all(name).map((one) => readings.of(one, world)));
    const policies = all('BackendTLSPolicy').sort(byRouteAge).map((one) => this.policies.of(one, world));
    const owners = [...gateways, ...sets];
    return {
      gateways: owners.flatMap(({ listeners }) => listeners.flatMap((one) => one.gateway ?? [])),
      virtualServices: [
        ...this.merger.merge(routes.flatMap((one) => one.shares), (host) => world.service(host)),
        ...routes.flatMap((one) => one.virtualServices),
      ],
      destinationRules: this.policyRules.join(policies.flatMap((one) => one.destinationRules)),
      problems: [...[...owners, ...routes, ...policies].flatMap((one): readonly Problem[] => one.problems), ...tcpRouteConflicts(routes)],
      statuses: () => statusesOf({ classes: all('GatewayClass'), owners, routes, policies }),
    };
  }
}
