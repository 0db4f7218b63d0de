import type { Route } from '../envoy';
import type { VirtualService } from '../model/route';
import { MESH_GATEWAY } from '../model/route';
import { Derived, ObjectCache } from './cache';
import type { RouteOptions } from './emit/route';
import { emitRoutes } from './emit/route';
import type { Client, Destinations } from './scope';
import { ruleInputs, targetsOf } from './targets';

/** Who sends requests, and where they come in. */
export interface Call {
  readonly client: Client;
  readonly destinations: Destinations;
  /** `mesh`, or the gateway. */
  readonly gateway: string;
  readonly port: number;
  readonly tls: boolean;
}

/** The routes of VirtualServices. */
export class RuleRoutes {
  private readonly made = new ObjectCache<VirtualService, readonly Route[]>();

  public of(rule: VirtualService, call: Call): readonly Route[] {
    const { gateway, port, tls, client, destinations } = call;
    const caller = asksForCaller.of(rule) ? client.key : '';
    const { routeDefaults, proxy: { forwardedHost } } = destinations;
    return this.made.get(rule, [gateway, port, tls, caller, routeDefaults, forwardedHost, ...ruleInputs(destinations, [rule])], () =>
      emitRoutes(rule, routeOptions(call)));
  }
}

export function routeOptions({ client, destinations, gateway, port, tls }: Call): RouteOptions {
  const { routeDefaults: defaults, switches, proxy: { forwardedHost } } = destinations;
  const caller = { namespace: client.namespace, labels: client.labels, gateway, port };
  return { caller, tls, targets: targetsOf(destinations, { ofSidecar: gateway === MESH_GATEWAY }), defaults, switches, forwardedHost };
}

/** Whether the caller makes a difference. For most rules it does not, so that callers of all namespaces share their routes. */
const asksForCaller = new Derived(({ http }: VirtualService) =>
  http.some((rule) => rule.matches.some((match) => match.sourceNamespace !== undefined || Object.keys(match.sourceLabels).length > 0)));
