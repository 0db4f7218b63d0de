import type { ServiceEntrySpec, VirtualServiceSpec } from '../../istio';
import type { ServiceSpec } from '../../kubernetes';
import { isWildcard, resolveHost } from '../../model/host';
import type { Problem } from '../../model/problem';
import { listenerProtocol, parseProtocol, portProtocol } from '../../model/protocol';
import type { Resource } from '../../model/resource';
import { MESH_GATEWAY } from '../../model/route';
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

function check(route: Resource, { host, port, path }: NamedDestination, world: Omit<World, 'routes'>): readonly Problem[] {
  const { kind, metadata: { namespace, name } } = route;
  const ports = portsOf(host, world).map(({ number }) => number);
  const warn = (field: string, message: string): Problem[] => [{ resource: { kind, namespace, name }, path: `${path}.${field}`, message, severity: 'warning' }];
  if (ports.length === 0 || (port !== undefined && ports.includes(port))) return NONE;
  const have = `${host} has ${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')}`;
  if (port === undefined && ports.length === 1) {
    const asked = calledPorts(route, path, world).filter((one) => one !== ports[0]);
    return asked.length === 0 ? NONE : warn('port', `${have}, and sidecars ask it for the port that was called, which may be ${asked.join(', ')}: those requests are answered with 503; say port.number: ${ports[0]}`);
  }
  return port === undefined
    ? warn('port', `${have}: without a choice, requests go to the port that their caller has asked for, and are answered with 503 where that is none of them; say which with port.number`)
    : warn('port.number', `${have} and not ${port}, so requests are answered with 503: correct the number`);
}

/** Where sidecars use the HTTP rule of a destination: a host that nobody knows is on port 80 only. */
function calledPorts({ spec, metadata: { namespace } }: Resource, path: string, world: Omit<World, 'routes'>): readonly number[] {
  const { hosts = [], gateways, http = [] } = spec as VirtualServiceSpec;
  const rule = http[Number(/^spec\.http\[(\d+)\]/.exec(path)?.[1] ?? -1)];
  const known = (host: string): readonly number[] => {
    const ports = portsOf(resolveHost(host, namespace), world);
    return ports.length === 0 ? [80] : ports.filter(({ http: spoken }) => spoken).map(({ number }) => number);
  };
  const ports = hosts.filter((host) => !isWildcard(host)).flatMap(known);
  const called = (rule ? rule.match ?? [{}] : []).filter((match) => (match.gateways ?? gateways ?? [MESH_GATEWAY]).includes(MESH_GATEWAY))
    .flatMap((match) => (match.port ? ports.filter((one) => one === match.port) : ports));
  return [...new Set(called)];
}

interface KnownPort {
  readonly number: number;
  readonly http: boolean;
}

/** Empty where nobody knows the host, which is told elsewhere. */
function portsOf(host: string, { services, entries }: Omit<World, 'routes'>): readonly KnownPort[] {
  const service = serviceOf(host, services);
  const { type, ports = [] } = (service?.spec ?? {}) as ServiceSpec;
  const all = service ? (type === 'ExternalName' ? [] : ports.map((one) => ({ number: one.port, protocol: portProtocol({ number: one.port, name: one.name, appProtocol: one.appProtocol, transport: one.protocol }) })))
    : entriesOf(host, entries).flatMap(({ spec }) => ((spec as ServiceEntrySpec).ports ?? []).map((one) => ({ number: one.number ?? 0, protocol: parseProtocol(one.protocol) })));
  return [...new Map(all.map(({ number, protocol }) => [number, { number, http: ['HTTP', 'Auto'].includes(listenerProtocol(protocol)) }])).values()];
}
