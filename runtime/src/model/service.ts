import type { Attachments } from './attachment';
import type { Endpoint } from './endpoint';
import { compare } from './host';
import type { TrafficDistribution } from './locality';
import type { ResourceRef } from './problem';
import type { Protocol } from './protocol';
import type { ExportTo, Labels } from './workload';

/**
 * How the addresses behind a service are found: `endpoints` are pushed to the proxy, `dns` asks for the endpoints' names,
 * `original` goes where the caller wanted to go, `dynamic` asks for the name in the request, `alias` is another name of a service.
 */
export type Resolution = 'endpoints' | 'dns' | 'dns-round-robin' | 'dynamic' | 'original' | 'alias';

export interface ServicePort {
  readonly number: number;
  readonly name: string;
  readonly protocol: Protocol;
  /** The port of the pods or of the external endpoints, where a number. A name is found in the EndpointSlices. */
  readonly targetPort?: number;
  /** The name of a port of the pods, where Kubernetes knows it by that. */
  readonly targetName?: string;
}

/** Something that requests can be sent to: a Kubernetes Service, or one host of a ServiceEntry. */
export interface Service {
  readonly resource: ResourceRef;
  /** Fully qualified; `*.example.com` stands for all hosts below. */
  readonly host: string;
  readonly namespace: string;
  readonly registry: 'kubernetes' | 'external';
  readonly ports: readonly ServicePort[];
  /** Addresses or CIDRs that callers connect to; empty where the service has none of its own (headless, hosts without address). */
  readonly addresses: readonly string[];
  readonly resolution: Resolution;
  /** Which endpoints callers prefer; undefined: none. */
  readonly distribution?: TrafficDistribution;
  /** `internalTrafficPolicy: Local`: callers get the endpoints of their own node, and no others even if there are none. */
  readonly ownNodeOnly?: boolean;
  readonly meshExternal: boolean;
  readonly exportTo: ExportTo;
  readonly labels: Labels;
  /** Pods or workload entries behind it; undefined: none are selected by labels. */
  readonly selector?: Labels;
  /** Endpoints that the object itself lists (ServiceEntry). */
  readonly endpoints: readonly Endpoint[];
  /** Others of the same host and namespace, oldest first: whoever is behind them answers the ports that both have. */
  readonly sharing?: readonly Service[];
  /** Names that the servers' certificates may carry, unless a policy lists others. */
  readonly subjectAltNames: readonly string[];
  /** Addresses that the mesh gave a host without any: only applications whose proxy tells them names know them. */
  readonly autoAddresses: readonly string[];
  /** What rooms do with callers' clusters for it, whatever policies say. */
  readonly features: Attachments;
  /** The host that an `alias` stands for. */
  readonly aliasOf?: string;
  readonly created: string;
}

/** Oldest first, then by name: the order that decides which of two conflicting services wins, as in Istio. */
export function byAge(a: { created: string; resource: ResourceRef }, b: { created: string; resource: ResourceRef }): number {
  return compare(a.created, b.created) || compare(a.resource.name, b.resource.name) || compare(a.resource.namespace, b.resource.namespace);
}

/** What of a service says which of its endpoints a caller gets. */
export type Reach = Pick<Service, 'distribution' | 'ownNodeOnly'>;

export function portOf(service: Service, number: number): ServicePort | undefined {
  return service.ports.find((port) => port.number === number);
}

/** Whether the proxy looks up the names of the endpoints. */
export function isDns(resolution: Resolution): boolean {
  return resolution === 'dns' || resolution === 'dns-round-robin';
}
