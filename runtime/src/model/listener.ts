import type { Attachments } from './attachment';
import type { ResourceRef } from './problem';
import type { Protocol } from './protocol';
import type { Destination } from './route';
import type { Labels } from './workload';

export const OUTBOUND_PORT = 15001;
export const INBOUND_PORT = 15006;
/** Ports of the proxy itself: nothing that users configure may listen there. */
export const PROXY_PORTS: ReadonlySet<number> = new Set([15000, 15001, 15004, 15006, 15008, 15020, 15021, 15053, 15090]);

const SOCKET = 'unix://';

/** Whether a listener is at a Unix socket: `unix:///path`, or `unix://@name` for one that no file stands for. */
export function isSocket(bind: string): boolean {
  return bind.startsWith(SOCKET);
}

export interface ListenerPort {
  readonly number: number;
  readonly name: string;
  readonly protocol: Protocol;
}

/** A host that a server of a gateway serves; with a namespace, only for VirtualServices from there. */
export interface ServerHost {
  readonly namespace?: string;
  readonly host: string;
}

export interface Server {
  readonly name: string;
  readonly port: ListenerPort;
  /** An address or `unix://path`; empty: all addresses. */
  readonly bind: string;
  readonly hosts: readonly ServerHost[];
  /** Undefined: plain text. */
  readonly tls?: ServerTls;
  /** Where the user wrote it: `spec.servers[0]`. */
  readonly path: string;
}

export interface ServerTls {
  /** `AUTO_PASSTHROUGH`: the name that is asked for is the name of a cluster. */
  readonly mode: 'PASSTHROUGH' | 'AUTO_PASSTHROUGH' | 'TERMINATE' | 'PLAIN';
  readonly httpsRedirect: boolean;
  /** What the rooms need to terminate TLS. */
  readonly features: Attachments;
}

export interface Gateway {
  readonly resource: ResourceRef;
  /** `namespace/name`, as VirtualServices name it. */
  readonly name: string;
  readonly selector: Labels;
  /** Hosts of Services whose pods it is for, instead of those with the labels of `selector`. */
  readonly forServices: readonly string[];
  readonly servers: readonly Server[];
  readonly created: string;
}

export type OutboundMode = 'ALLOW_ANY' | 'REGISTRY_ONLY' | 'ALLOW_ANY_DYNAMIC_DNS';

export interface OutboundTrafficPolicy {
  readonly mode: OutboundMode;
  readonly egressProxy?: Destination;
  /** TLS towards hosts that the proxy looks up itself. */
  readonly clientTls?: Attachments;
}

/** One listener for outgoing requests: all of its ports, or one that the user gave a port. */
export interface EgressListener {
  /** Undefined: all ports that services have. At a socket its number is 0. */
  readonly port?: ListenerPort;
  /** An address or `unix://path`; empty: where applications connect to. */
  readonly bind: string;
  /** Applications connect to the listener themselves, instead of being redirected. */
  readonly bindToPort: boolean;
  /** `namespace/host`, either may be `*`. */
  readonly hosts: readonly EgressHost[];
  /** Those of them that are left out again. */
  readonly excluded: readonly EgressHost[];
}

export interface EgressHost {
  readonly namespace: string;
  readonly host: string;
}

export interface IngressListener {
  readonly port: ListenerPort;
  readonly bind: string;
  /** Callers connect to the listener itself, instead of being redirected. */
  readonly bindToPort: boolean;
  /** What the rooms need to terminate TLS. */
  readonly tls?: Attachments;
  /** Where it stands in the Sidecar: `spec.ingress[0]`. */
  readonly path: string;
  readonly defaultEndpoint?: { readonly address: string; readonly port: number } | { readonly path: string };
  readonly settings?: Attachments;
}

/** What the proxies of a namespace, or those that a selector picks, can see: a Sidecar. */
export interface Sidecar {
  readonly resource: ResourceRef;
  readonly namespace: string;
  readonly workloadSelector?: Labels;
  /** Empty: everything. */
  readonly egress: readonly EgressListener[];
  /** Empty: one for every port of the services of the workload. */
  readonly ingress: readonly IngressListener[];
  readonly outboundTrafficPolicy?: OutboundTrafficPolicy;
  readonly inboundPolicy: Attachments;
  readonly created: string;
}
