import type { Problem } from '../../../model/problem';
import { Place } from '../../../model/place';
import type { Resource } from '../../../model/resource';
import { refOf } from '../../../model/resource';
import type { HttpRule, VirtualService } from '../../../model/route';
import type { ObjectStatus } from '../../../model/status';
import type { RouteContext, RuleReading } from './http-rules';
import type { Parent, RouteSpec } from './parents';
import { parentsOf, servedBy } from './parents';
import { routeStatuses } from './route-status';
import type { RouteKind, World } from './world';

/** HTTP rules of one route for one host: those of all routes for a host and a gateway become one list. */
export interface HttpShare {
  /** What is merged with what. */
  readonly key: string;
  readonly gateway: string;
  readonly host: string;
  readonly route: Resource;
  readonly rules: readonly HttpRule[];
  /** Of a Service that listens on several ports: the one that the rules are for. */
  readonly port?: number;
  /** For clients of this namespace only: the route stands beside them, not beside the service. */
  readonly consumer?: string;
}

export interface RouteReading {
  readonly resource: Resource;
  readonly shares: readonly HttpShare[];
  readonly virtualServices: readonly VirtualService[];
  readonly statuses: readonly ObjectStatus[];
  /** Listeners that it is attached to, by the internal names of their Gateways. */
  readonly attached: readonly string[];
  readonly problems: readonly Problem[];
}

/** What a kind of routes makes of its rules. */
export interface RouteReader<R> {
  readonly kind: RouteKind;
  rules(resource: Resource, context: RouteContext, place: Place): RuleReading<R>;
  /** Of the parents that took it. */
  output(resource: Resource, parents: readonly Parent[], rules: (parent: Parent) => readonly R[]): Pick<RouteReading, 'shares' | 'virtualServices'>;
}

export function readRoute<R>(resource: Resource, world: World, reader: RouteReader<R>): RouteReading {
  const problems: Problem[] = [];
  const place = Place.of(refOf(resource), problems).at('spec');
  const { namespace, name } = resource.metadata;
  const route = { kind: reader.kind, namespace };
  const parents = parentsOf(resource.spec as RouteSpec, route, world, place);
  const readings = new Map<boolean, RuleReading<R>>();
  const readingFor = (parent: Parent): RuleReading<R> => {
    const mesh = !parent.listener;
    let reading = readings.get(mesh);
    if (!reading) {
      reading = reader.rules(resource, { route, name, world, mesh }, place);
      readings.set(mesh, reading);
    }
    return reading;
  };
  const attached = withoutRepeats(parents.filter((one) => !one.denied)).sort((a, b) => (a.gateway < b.gateway ? -1 : 1));
  const statuses = routeStatuses(refOf(resource), parents, (parent) => readingFor(parent).fault);
  return {
    resource,
    ...reader.output(resource, attached, (parent) => readingFor(parent).rules),
    statuses,
    attached: attached.flatMap((one) => (one.listener ? [one.gateway] : [])),
    problems: [...new Map(problems.map((one) => [`${one.path} ${one.message}`, one])).values()],
  };
}

/** Two references may lead to one listener. */
function withoutRepeats(parents: readonly Parent[]): Parent[] {
  const id = ({ gateway, listener, ref }: Parent): string => (listener ? gateway : `${ref.kind} ${ref.namespace}/${ref.name} ${ref.port ?? ''}`);
  return [...new Map(parents.map((one) => [id(one), one])).values()];
}

/** Hosts of a route at one of its parents. */
export function hostsAt(parent: Parent, { hostnames = [] }: RouteSpec): readonly string[] {
  return parent.listener ? (hostnames.length > 0 ? hostnames : ['*']).filter((host) => servedBy(parent, host.toLowerCase())) : parent.hosts;
}
