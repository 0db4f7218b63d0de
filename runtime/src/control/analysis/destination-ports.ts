import type { ServiceEntrySpec } from '../../istio';
import type { ServiceSpec } from '../../kubernetes';
import type { Problem } from '../../model/problem';
import type { Resource } from '../../model/resource';
import type { ResourceMap } from '../../model/snapshot';
import type { NamedDestination } from '../acceptance-destinations';
import { destinationsOf } from '../acceptance-destinations';
import type { Kinds } from './analysis';
import { KindAnalysis } from './analysis';
import { Findings } from './findings';
import { entriesOf, serviceOf } from './hosts';

const KINDS = { routes: 'networking.istio.io/VirtualService', services: '/Service', entries: 'networking.istio.io/ServiceEntry' } as const;

type World = Kinds<keyof typeof KINDS>;

const NONE: readonly Problem[] = [];

/**
 * Destinations that do not say which of several ports they mean, and those that name a port that is not there: IST0112, and IST0101 for ports, of
 * `istioctl analyze` (pkg/config/analysis/analyzers/virtualservice/destinationhosts.go).
 */
export class DestinationPorts extends KindAnalysis<keyof typeof KINDS> {
  public constructor() {
    const wrong = new Findings((route, world: Omit<World, 'routes'>) => {
      const problems = destinationsOf(route).flatMap((destination) => check(route, destination, world));
      return problems.length > 0 ? problems : undefined;
    });
    super(KINDS, ({ routes, services, entries }) => wrong.of(routes, { services, entries }).flat());
  }
}

function check({ kind, metadata: { namespace, name } }: Resource, { host, port, path }: NamedDestination, { services, entries }: Omit<World, 'routes'>): readonly Problem[] {
  const ports = portsOf(host, services, entries);
  const warn = (field: string, message: string): Problem[] => [{ resource: { kind, namespace, name }, path: `${path}.${field}`, message, severity: 'warning' }];
  if (ports.length === 0 || (port === undefined && ports.length === 1) || (port !== undefined && ports.includes(port))) return NONE;
  const have = `${host} has ${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')}`;
  return port === undefined
    ? warn('port', `${have}: without a choice, requests go to the port that their caller has asked for, and are answered with 503 where that is none of them; say which with port.number`)
    : warn('port.number', `${have} and not ${port}, so requests are answered with 503: correct the number`);
}

/** Empty where nobody knows the host, which is told elsewhere. */
function portsOf(host: string, services: ResourceMap, entries: ResourceMap): readonly number[] {
  const service = serviceOf(host, services);
  const { type, ports = [] } = (service?.spec ?? {}) as ServiceSpec;
  const numbers = service ? (type === 'ExternalName' ? [] : ports.map((port) => port.port)) : entriesOf(host, entries).flatMap(({ spec }) =>
    ((spec as ServiceEntrySpec).ports ?? []).map(({ number }) => number ?? 0));
  return [...new Set(numbers)];
}
