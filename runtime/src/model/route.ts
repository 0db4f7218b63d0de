import type { Attachments } from './attachment';
import type { Caller, CallerMatch, HttpMatch, TcpMatch, TlsMatch } from './match';
import type { ResourceRef } from './problem';
import type { ExportTo } from './workload';
import { selects } from './workload';

export const MESH_GATEWAY = 'mesh';

export interface Destination {
  readonly host: string;
  readonly subset: string;
  readonly port?: number;
}

export interface WeightedDestination {
  readonly destination: Destination;
  readonly weight: number;
  readonly features: Attachments;
  /** Where it is written: `spec.http[0].route[1].destination`; empty for one that nobody wrote. */
  readonly path: string;
}

/** One rule of `http`: which requests, where to, and what the rooms do on the way. */
export interface HttpRule {
  readonly name: string;
  /** An OR; empty: every request. */
  readonly matches: readonly HttpMatch[];
  /** Empty where a room answers instead (redirect, direct response). */
  readonly destinations: readonly WeightedDestination[];
  /** Several are written, even if all but one get nothing. @default false */
  readonly shares?: boolean;
  /** Where rooms send something besides (copies). */
  readonly alsoTo: readonly Destination[];
  /** What requests are answered with that would go to a service nobody knows; Envoy's 503 unless set. */
  readonly unknownStatus?: 500;
  readonly features: Attachments;
}

export interface TlsRule {
  readonly matches: readonly TlsMatch[];
  readonly destinations: readonly WeightedDestination[];
}

export interface TcpRule {
  readonly matches: readonly TcpMatch[];
  readonly destinations: readonly WeightedDestination[];
}

/** The rules of some hosts: a VirtualService, every name completed. */
export interface VirtualService {
  readonly resource: ResourceRef;
  readonly namespace: string;
  readonly hosts: readonly string[];
  /** Those of them for which it holds for sidecars of other namespaces; undefined: all. */
  readonly hostsAbroad?: readonly string[];
  /** `mesh` and `namespace/name` of gateways. */
  readonly gateways: readonly string[];
  readonly exportTo: ExportTo;
  readonly http: readonly HttpRule[];
  readonly tls: readonly TlsRule[];
  readonly tcp: readonly TcpRule[];
  readonly created: string;
}

/** All destinations that rules of a VirtualService name. */
export function destinationsOf(virtualService: VirtualService): Destination[] {
  const connections = [...virtualService.tls, ...virtualService.tcp].flatMap((rule) => rule.destinations.map((one) => one.destination));
  return [...virtualService.http.flatMap((rule) => [...rule.destinations.map((one) => one.destination), ...rule.alsoTo]), ...connections];
}

/** Whether the caller is one that an HTTP match is for. As in Istio, a match that names gateways does not look at labels. */
export function httpCallerMatches(match: CallerMatch, caller: Caller): boolean {
  if (match.port !== undefined && match.port !== caller.port) {
    return false;
  }
  if (match.gateways.length > 0) {
    return match.gateways.includes(caller.gateway);
  }
  return selects(match.sourceLabels, caller.labels) && (match.sourceNamespace ?? caller.namespace) === caller.namespace;
}

/** Whether the caller is one that a TLS or TCP match is for: gateways and labels must both agree. */
export function connectionCallerMatches(match: CallerMatch, caller: Caller): boolean {
  return (match.port === undefined || match.port === caller.port)
    && (match.gateways.length === 0 || match.gateways.includes(caller.gateway))
    && selects(match.sourceLabels, caller.labels)
    && (match.sourceNamespace ?? caller.namespace) === caller.namespace;
}
