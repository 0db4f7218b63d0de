import type { TCPRouteSpec, TLSRouteSpec } from '../../../gateway-api';
import { Attachments } from '../../../model/attachment';
import { NO_SERVICE } from '../../../model/cluster';
import { covers, intersection } from '../../../model/host';
import type { Place } from '../../../model/place';
import type { Problem } from '../../../model/problem';
import type { Resource } from '../../../model/resource';
import { refOf } from '../../../model/resource';
import type { TcpRule, TlsRule, VirtualService, WeightedDestination } from '../../../model/route';
import type { BackendRef } from './backends';
import { readBackend, weighted } from './backends';
import type { RouteContext, RuleReading } from './http-rules';
import type { Parent, RouteSpec } from './parents';
import type { Fault } from './references';
import { byRouteAge } from './merge';
import type { RouteReader, RouteReading } from './route';
import { hostsAt } from './route';

type Destinations = readonly WeightedDestination[];

export const tcpRouteReader: RouteReader<Destinations> = {
  kind: 'TCPRoute',
  rules: (resource, context, place) => readRules((resource.spec as TCPRouteSpec).rules, context, place),
  output(resource, parents, rulesFor) {
    return {
      shares: [],
      virtualServices: parents.flatMap((parent) => {
        const tcp = rulesFor(parent).map((destinations): TcpRule => ({ matches: matchesOf(parent), destinations }));
        return tcp.length > 0 ? hostsAt(parent, {}).map((host) => virtualService(resource, parent, host, { tcp })) : [];
      }),
    };
  },
};

export const tlsRouteReader: RouteReader<Destinations> = {
  kind: 'TLSRoute',
  rules: (resource, context, place) => readRules((resource.spec as TLSRouteSpec).rules, context, place),
  output(resource, parents, rulesFor) {
    const spec = resource.spec as RouteSpec;
    return {
      shares: [],
      virtualServices: parents.flatMap((parent) => {
        const rules = rulesFor(parent);
        return rules.length === 0 ? [] : hostsAt(parent, spec).map((host) => {
          const tls = rules.map((destinations): TlsRule => ({
            matches: matchesOf(parent).map((match) => ({ ...match, sniHosts: serverNames(parent, host, spec) })),
            destinations,
          }));
          return virtualService(resource, parent, host, { tls });
        });
      }),
    };
  },
};

/** At a listener the host itself; of a Service, what clients may ask it for. */
function serverNames({ listener }: Parent, host: string, { hostnames = [] }: RouteSpec): string[] {
  const asked = hostnames.map((one) => one.toLowerCase());
  return listener ? intersection([host.toLowerCase()], [listener.hostname || '*']) : asked.length > 1 ? asked.filter((one) => covers(one, host)) : asked.length === 1 ? asked : [host];
}

function matchesOf({ listener, ref }: Parent): TlsRule['matches'] {
  const port = listener ? undefined : ref.port;
  return [{ port, sourceLabels: {}, gateways: [], destinationSubnets: [], sniHosts: [] }];
}

function readRules(
  specs: readonly { readonly backendRefs: readonly BackendRef[] }[], { route, world, mesh }: RouteContext, place: Place,
): RuleReading<Destinations> {
  let fault: Fault | undefined;
  let hard = false;
  const rules = specs.map(({ backendRefs }, i) => {
    const destinations = weighted(backendRefs).map(({ ref, index, weight }): WeightedDestination => {
      const backend = readBackend(ref, route, { world, mesh });
      const at = place.at('rules').at(i).at('backendRefs').at(index);
      if (backend.fault) {
        fault = backend.fault;
        hard ||= backend.hard ?? false;
        at.problem(`${fault.message}: connections to it are closed`);
      }
      const { host, port } = backend.destination;
      return { destination: { host, subset: '', port: port?.number }, weight, features: Attachments.NONE, path: at.path };
    });
    // Without a backend, connections are closed.
    return destinations.length > 0 ? destinations : [{ destination: { host: NO_SERVICE, subset: '' }, weight: 1, features: Attachments.NONE, path: '' }];
  });
  return { rules: hard ? [] : rules, fault };
}

function virtualService(resource: Resource, { gateway, listener, ref }: Parent, host: string, rules: { tcp?: readonly TcpRule[]; tls?: readonly TlsRule[] }): VirtualService {
  const { namespace } = resource.metadata;
  return {
    resource: refOf(resource),
    namespace,
    hosts: [host.toLowerCase()],
    gateways: [gateway],
    exportTo: listener || ref.namespace === namespace ? undefined : new Set([namespace]),
    http: [],
    tls: rules.tls ?? [],
    tcp: rules.tcp ?? [],
    created: resource.metadata.creationTimestamp ?? '',
  };
}

/**
 * Of several TCPRoutes for one listener the oldest gets all connections: nothing tells whose they are. All of them are accepted,
 * https://gateway-api.sigs.k8s.io/guides/api-design/#conflicts, so that only a problem says who gets nothing.
 */
export function tcpRouteConflicts(routes: readonly RouteReading[]): Problem[] {
  const first = new Map<string, Resource>();
  return routes.filter(({ resource }) => resource.kind === 'TCPRoute').sort((a, b) => byRouteAge(a.resource, b.resource)).flatMap(({ resource, attached }) => {
    const taken = attached.flatMap((listener) => first.get(listener) ?? []);
    attached.forEach((listener) => first.has(listener) || first.set(listener, resource));
    return [...new Set(taken)].map(({ metadata: { namespace, name } }): Problem => ({
      resource: refOf(resource),
      path: 'spec.parentRefs',
      message: `the older TCPRoute ${namespace}/${name} has the same listener and gets all of its connections: give each route a listener of its own, or one route both backends`,
      severity: 'warning',
    }));
  });
}
