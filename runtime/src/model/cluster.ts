import { Attachments } from './attachment';
import type { ResourceRef } from './problem';
import type { ExportTo, Labels } from './workload';

/** The host of a destination that is none: a backend that does not exist, or that a route may not use. */
export const NO_SERVICE = '~.unknown';
/** Where requests for it go; Istio's name for a cluster that nobody has. */
export const UNKNOWN_CLUSTER = 'UnknownService';
export const PASSTHROUGH_CLUSTER = 'PassthroughCluster';
export const BLACK_HOLE_CLUSTER = 'BlackHoleCluster';
export const INBOUND_PASSTHROUGH_CLUSTER = 'InboundPassthroughCluster';
export const DYNAMIC_DNS_CLUSTER = 'AllowAnyDynamicDNSCluster';

/** `outbound|9080|v1|reviews.bookinfo.svc.cluster.local`: the name that all of Istio's tools know a cluster by. */
export function outboundCluster(port: number, subset: string, host: string): string {
  return `outbound|${port}|${subset}|${host}`;
}

/** `outbound_.9080_.v1_.reviews.bookinfo.svc.cluster.local`: the same as a name that TLS clients can ask for, as meshes of several networks do. */
export function sniCluster(port: number, subset: string, host: string): string {
  return `outbound_.${port}_.${subset}_.${host}`;
}

export function inboundCluster(port: number): string {
  return `inbound|${port}||`;
}

/** What the rooms do on the way to a destination, and what they do on single ports of it. */
export interface TrafficPolicy {
  readonly settings: Attachments;
  /** By port number. A port's settings replace all of the above, they do not merge with it. */
  readonly ports: ReadonlyMap<number, Attachments>;
}

export const NO_POLICY: TrafficPolicy = { settings: Attachments.NONE, ports: new Map() };

export interface Subset {
  readonly name: string;
  readonly labels: Labels;
  readonly policy: TrafficPolicy;
}

/** What a client does towards a host: a DestinationRule. */
export interface DestinationRule {
  readonly resource: ResourceRef;
  readonly namespace: string;
  readonly host: string;
  readonly exportTo: ExportTo;
  /** Only clients of its own namespace with these labels. */
  readonly workloadSelector?: Labels;
  readonly policy: TrafficPolicy;
  readonly subsets: readonly Subset[];
  readonly created: string;
}

/** What is said of one port of a host, or of one of its subsets: the narrowest first. */
export function levelsFor(policy: TrafficPolicy, port: number | undefined, subset?: Subset): Attachments[] {
  const ofPort = ({ ports }: TrafficPolicy) => (port === undefined ? undefined : ports.get(port));
  return [subset && ofPort(subset.policy), subset?.policy.settings, ofPort(policy), policy.settings].filter((one) => one !== undefined);
}

/**
 * What holds for one port of a host, or of one of its subsets. A subset's policy overrides that of its host field by field; what is set for
 * a port replaces everything that can be set for ports (https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy-PortTrafficPolicy).
 */
export function settingsFor(policy: TrafficPolicy, port: number, subset?: Subset): Attachments {
  const base = policy.ports.get(port) ?? policy.settings;
  const own = subset?.policy.ports.get(port);
  const merged = own ? base.reaching('host').overriddenBy(own) : subset ? base.overriddenBy(subset.policy.settings) : base;
  const level = (subset?.policy ?? policy).settings.reaching('level');
  const others = merged.reaching('level') === Attachments.NONE ? merged : merged.reaching('port').overriddenBy(merged.reaching('host'));
  return others.overriddenBy(level);
}
