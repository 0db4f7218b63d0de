import type { Resource } from '../model/resource';

export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  /** `TCP` unless said otherwise; always set in a Snapshot. */
  readonly protocol?: string;
  readonly appProtocol?: string;
  /** A number, or the name of a container's port; always set in a Snapshot. */
  readonly targetPort?: number | string;
  readonly nodePort?: number;
}

export interface ServiceSpec {
  readonly type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
  /** An address, or `None` for a headless Service; in a Snapshot always set, except for `ExternalName`. */
  readonly clusterIP?: string;
  readonly clusterIPs?: readonly string[];
  readonly externalIPs?: readonly string[];
  readonly externalName?: string;
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports?: readonly ServicePort[];
  readonly publishNotReadyAddresses?: boolean;
  readonly internalTrafficPolicy?: string;
}

export type Service = Resource<ServiceSpec>;

export interface EndpointConditions {
  readonly ready?: boolean;
  readonly serving?: boolean;
  readonly terminating?: boolean;
}

export interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions?: EndpointConditions;
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly targetRef?: { readonly kind?: string; readonly name?: string; readonly namespace?: string };
}

export interface EndpointPort {
  readonly name?: string;
  readonly port?: number;
  readonly protocol?: string;
  readonly appProtocol?: string;
}

/** The endpoints of the Service that the label `kubernetes.io/service-name` names. */
export interface EndpointSlice extends Resource {
  readonly addressType?: string;
  readonly endpoints?: readonly Endpoint[];
  readonly ports?: readonly EndpointPort[];
}

export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
/** Who writes the EndpointSlices of Services that have a selector. */
export const SLICE_CONTROLLER = 'endpointslice-controller.k8s.io';
