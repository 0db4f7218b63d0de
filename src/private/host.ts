import type { Construct, IConstruct } from 'constructs';
import type { DestinationRuleSpecTrafficPolicy } from '../../imports/istio/destination-rule.types';
import type { VirtualServiceDestination } from '../../imports/istio/virtual-service.types';
import type { ICallable } from '../mesh-member';
import type { NamedPort } from './ports';
import type { Slots } from './route-action';
import type { ComposedRoute, Keep } from './route-table';

/** What holds for a host unless something is said about it. */
export interface HostDefaults {
  readonly slots: Slots;
  readonly policy: DestinationRuleSpecTrafficPolicy;
}

/** A version as routing sees it. */
export interface VersionInfo {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** How many pods it has, as far as is known. */
  readonly replicas: number;
}

/** What a host is, as far as its rules need to know. */
export interface HostProps {
  readonly owner: Construct;
  /** Name of the VirtualService and the DestinationRule. */
  readonly name: string;
  readonly namespace: string;
  readonly host: string;
  readonly ports: readonly NamedPort[];
  readonly versions: readonly VersionInfo[];
  /** What tells its objects' ids from those of the owner's other hosts. */
  readonly suffix?: string;
  /** `['.']` where the host belongs to somebody else, so that our rules hold for our callers only. */
  readonly exportTo?: readonly string[];
  readonly defaults?: HostDefaults;
}

/** A host with all that was said about it, as those who write its objects read it. */
export interface ComposedHost {
  readonly props: HostProps;
  /** All routes in order, for the requests that `keep` leaves. */
  compose(keep?: Keep): ComposedRoute[];
  /** All routes for connections. */
  composeConnections(keep?: Keep): ComposedRoute[];
  /** The host, or one of its versions, as routes name it. */
  destination(version: string | undefined, port?: number): VirtualServiceDestination;
  /** Refuses a version that the host does not have. */
  checkVersion(version: string | undefined, declarer: IConstruct): void;
}

/** The hosts of a service or external service, one for each of its `hosts`. What users see of it does not show them. */
export function hostsOf(callable: ICallable): readonly ComposedHost[] {
  return (callable as ICallable & { readonly rules: readonly ComposedHost[] }).rules;
}
