import type { Identity } from './identity';
import type { Labels } from './workload';

/** What of the traffic to a workload its proxy gets to see. */
export interface CapturedPorts {
  /** Undefined: all but the others. */
  readonly only?: readonly number[];
  readonly except: readonly number[];
}

export const ALL_PORTS: CapturedPorts = { except: [] };

/** One address behind a service. */
export interface Endpoint {
  /** An IP address, a host name (only where the service is resolved by DNS), or `unix:///path`. */
  readonly address: string;
  /** Port numbers by the names of the service's ports; a port that is missing is the service port's own target. */
  readonly ports: Readonly<Record<string, number>>;
  readonly labels: Labels;
  /** It answers no other ports than those in `ports`. */
  readonly only?: boolean;
  readonly ready: boolean;
  /** Not ready, and not to be counted as missing either: on its way out, or known as sick. */
  readonly leaving?: boolean;
  /** `region/zone/sub-zone` */
  readonly locality?: string;
  readonly weight?: number;
  /** The account of the workload; undefined: nobody knows who it is. */
  readonly identity?: Identity;
  /** A proxy stands before it that takes mutual TLS, unless a policy says otherwise. */
  readonly mutualTls?: CapturedPorts;
}

/** The endpoint's own number for a port of the service, which may have any name, such as `constructor`. */
export function ownPort({ ports }: Endpoint, name: string): number | undefined {
  return Object.hasOwn(ports, name) ? ports[name] : undefined;
}
