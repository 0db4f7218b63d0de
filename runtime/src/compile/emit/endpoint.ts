import type { Address, ClusterLoadAssignment, LbEndpoint, Locality, LocalityLbEndpoints } from '../../envoy';
import { HealthStatus, uint32 } from '../../envoy';
import type { Spread } from '../../features/emitter';
import type { Endpoint } from '../../model/endpoint';
import { ownPort } from '../../model/endpoint';
import type { EndpointGroup, Standpoint } from '../../model/locality';
import { parseLocality } from '../../model/locality';
import type { ServicePort } from '../../model/service';
import type { Labels } from '../../model/workload';
import { selects } from '../../model/workload';
import { groupBy } from '../groups';
import { emittersWith } from './rooms';
import { socketAddress } from './address';

/** Which endpoints of a service one cluster is for, and which of them the caller prefers. */
export interface Selection {
  readonly port: ServicePort;
  readonly labels?: Labels;
  readonly spread?: Spread;
  /** Whether endpoints that are not ready are sent too, so that proxies know how many are missing. See `sendsUnready`. */
  readonly unready: boolean;
  /** The caller; it counts only with a `spread`. */
  readonly caller?: Standpoint;
  /** Whether an endpoint takes mutual TLS at a port. @default none does */
  readonly takes?: (endpoint: Endpoint, port: number) => boolean;
}

/** By what clusters see that an endpoint takes mutual TLS. */
const PEER = emittersWith('peerEndpoint')[0]?.peerEndpoint();

const NOWHERE: Standpoint = { locality: '', labels: {} };

/** The endpoints of one port of a service, or of those of its endpoints that carry a subset's labels. */
export function emitEndpoints(clusterName: string, endpoints: readonly Endpoint[], { port, labels = {}, spread, unready, caller, takes }: Selection): ClusterLoadAssignment {
  const wanted = (endpoint: Endpoint) => (endpoint.ready || (unready && !endpoint.leaving))
    && selects(labels, endpoint.labels) && addressOf(endpoint, port) !== undefined;
  const groups = groupByLocality(endpoints.filter(wanted));
  const arranged = spread ? spread.arrange(groups, caller ?? NOWHERE) : groups;
  return { clusterName, ...(arranged.length > 0 && { endpoints: arranged.map((group) => emitGroup(group, { port, takes }, spread !== undefined)) }) };
}

function groupByLocality(endpoints: readonly Endpoint[]): EndpointGroup[] {
  return [...groupBy(endpoints, ({ locality = '' }) => locality)].map(([locality, members]) => ({
    locality, endpoints: members, priority: 0, weight: members.reduce((sum, one) => sum + (one.weight ?? 1), 0),
  }));
}

/** Weights of localities count only where something orders them. */
function emitGroup({ locality, endpoints, priority, weight }: EndpointGroup, at: Pick<Selection, 'port' | 'takes'>, ordered: boolean): LocalityLbEndpoints {
  return {
    ...(locality && { locality: emitLocality(locality) }),
    lbEndpoints: endpoints.flatMap((endpoint) => emitEndpoint(endpoint, at) ?? []),
    ...(ordered && { loadBalancingWeight: uint32(weight), ...(priority > 0 && { priority }) }),
  };
}

function emitLocality(text: string): Locality {
  const { region, zone, subZone } = parseLocality(text);
  return { region, ...(zone && { zone }), ...(subZone && { subZone }) };
}

function emitEndpoint(endpoint: Endpoint, { port, takes }: Pick<Selection, 'port' | 'takes'>): LbEndpoint | undefined {
  const address = addressOf(endpoint, port);
  const metadata = takes?.(endpoint, portOf(endpoint, port) ?? port.number) ? PEER : undefined;
  return address && {
    endpoint: { address },
    ...(!endpoint.ready && { healthStatus: HealthStatus.UNHEALTHY }),
    ...(metadata && { metadata }),
    ...(endpoint.weight !== undefined && { loadBalancingWeight: uint32(endpoint.weight) }),
  };
}

function addressOf(endpoint: Endpoint, port: ServicePort): Address | undefined {
  if (endpoint.address.startsWith('unix://')) {
    return { pipe: { path: endpoint.address.slice('unix://'.length) } };
  }
  const number = portOf(endpoint, port);
  return number === undefined || endpoint.address === '' ? undefined : socketAddress(endpoint.address, number);
}

function portOf(endpoint: Endpoint, port: ServicePort): number | undefined {
  return ownPort(endpoint, port.name) ?? (endpoint.only ? undefined : port.targetPort);
}
