import type { ResourceRef } from '../../model/problem';
import type { Side } from '../../model/proxy';
import type { Labels } from '../../model/workload';

export type Subject =
  | 'LISTENER' | 'LISTENER_FILTER' | 'FILTER_CHAIN' | 'NETWORK_FILTER' | 'HTTP_FILTER'
  | 'ROUTE_CONFIGURATION' | 'VIRTUAL_HOST' | 'HTTP_ROUTE' | 'CLUSTER' | 'EXTENSION_CONFIG' | 'BOOTSTRAP';

export type Operation = 'MERGE' | 'MERGE_AND_REPLACE_LIST' | 'ADD' | 'REMOVE' | 'REPLACE' | 'INSERT_BEFORE' | 'INSERT_AFTER' | 'INSERT_FIRST';

/** What the object to be patched must be. Undefined and empty conditions always hold. */
export interface PatchMatch {
  readonly listener?: {
    readonly name?: string;
    readonly portNumber?: number;
    readonly listenerFilter?: string;
    readonly filterChain?: {
      readonly name?: string;
      readonly sni?: string;
      readonly transportProtocol?: string;
      /** All of them. */
      readonly applicationProtocols: readonly string[];
      readonly destinationPort?: number;
      readonly filter?: string;
      readonly subFilter?: string;
    };
  };
  readonly routeConfiguration?: {
    readonly name?: string;
    readonly portNumber?: number;
    readonly portName?: string;
    /** `namespace/name` */
    readonly gateway?: string;
    readonly vhost?: {
      readonly name?: string;
      readonly domainName?: string;
      readonly route?: { readonly name?: string; readonly action?: 'ROUTE' | 'REDIRECT' | 'DIRECT_RESPONSE' };
    };
  };
  readonly cluster?: { readonly name?: string; readonly service?: string; readonly subset?: string; readonly portNumber?: number };
}

/** One change to Envoy's configuration. */
export interface Patch {
  readonly resource: ResourceRef;
  /** `spec.configPatches[2]` */
  readonly path: string;
  /** That of its EnvoyFilter. */
  readonly priority: number;
  readonly subject: Subject;
  readonly operation: Operation;
  /** Undefined: every side. */
  readonly side?: Side;
  readonly proxy: { readonly version?: (version: string) => boolean; readonly metadata: Labels };
  readonly match: PatchMatch;
  /** Protobuf JSON, as the user wrote it. */
  readonly value: unknown;
}

/** An EnvoyFilter: patches for some proxies. */
export interface PatchSet {
  readonly resource: ResourceRef;
  readonly namespace: string;
  readonly priority: number;
  readonly created: string;
  /** Labels of proxies; one of the lists must be there whole. Undefined: all proxies of the namespace. */
  readonly selectors?: readonly Labels[];
  readonly patches: readonly Patch[];
}
