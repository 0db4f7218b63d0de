import type { EgressGateway } from './egress-gateway';
import type { Gateway } from './gateway';
import type { Mesh } from './mesh';
import type { IMeshService } from './mesh-member';

/**
 * What a policy protects: exactly one of a service, a gateway, a namespace and the whole mesh. Policies of all these hold together; a narrower
 * one does not take the place of a wider one. Writes `selector` (or `targetRefs` for a gateway of the Gateway API).
 */
export type PolicyTarget =
  | {
    /** The service. */
    readonly service: IMeshService; readonly gateway?: never; readonly namespace?: never; readonly mesh?: never;
  }
  | {
    /** The gateway, whose own proxies then decide about everything that comes in or goes out through it. */
    readonly gateway: Gateway | EgressGateway; readonly service?: never; readonly namespace?: never; readonly mesh?: never;
  }
  | {
    /** The namespace, with all its services and gateways. */
    readonly namespace: string; readonly service?: never; readonly gateway?: never; readonly mesh?: never;
  }
  | {
    /** The mesh: written once in each of its namespaces. */
    readonly mesh: Mesh; readonly service?: never; readonly gateway?: never; readonly namespace?: never;
  };
