import type { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { Port } from './port';
import type { Account, Accounts } from './private/accounts';
import type { GatewayPods, PodPorts } from './private/pod-ports';
import type { Selection } from './private/selection';

/** Something that workloads can call: a MeshService or an ExternalService. */
export interface ICallable extends IConstruct {
  /** The full host names that clients use. */
  readonly hosts: readonly string[];
  /** The ports that clients use. */
  readonly ports: readonly Port[];
}

/** A service of the mesh, whatever its versions. */
export interface IMeshService extends ICallable {
  /** The name of the Service, which is also the `app` label of its pods. */
  readonly name: string;
  /** The namespace of the Service. */
  readonly namespace: string;
  /** The full host name, `reviews.bookinfo.svc.cluster.local`. */
  readonly host: string;
  /** Labels that all its pods have. @internal */
  readonly podLabels: Readonly<Record<string, string>>;
  /** What its pods are known by. @internal */
  readonly accounts: Accounts;
  /** Whether its pods have a proxy. @internal */
  readonly hasProxy: boolean;
  /** Further labels of the pods of each version; undefined where somebody else says them. @internal */
  readonly versionLabels?: readonly Readonly<Record<string, string>>[];
}

/** An entrance to the mesh: a Gateway. */
export interface IGateway extends IConstruct {
  /** The name of the gateway. */
  readonly name: string;
  /** The namespace of the gateway. */
  readonly namespace: string;
  /** The hosts it answers for. */
  readonly hosts: readonly string[];
  /** The object with the routes of all hosts. */
  readonly routeObject: ApiObject;
  /** The ports that its pods listen on. @internal */
  readonly podPorts: PodPorts;
  /** Labels of its pods, and their namespace where it is known. @internal */
  readonly pods: GatewayPods | undefined;
  /** Where policies for it stand, and how they name it. @internal */
  policyPlace(asker: IConstruct): { readonly namespace: string; readonly selection: Selection };
  /** What its pods are known by. @internal */
  accountFor(asker: IConstruct): Account;
}

/** A service whose versions the compiler knows: a MeshService, or an ExternalService with versions. */
export interface IVersioned<V extends string> extends ICallable {
  /** One of its versions, as a destination. */
  version(version: V): DestinationVersion;
}

/** One version of a service or external service, as a destination; made by `version`. */
export interface DestinationVersion {
  /** The service. */
  readonly service: ICallable;
  /** The version's name. */
  readonly version: string;
}

/** One version of a service; made by `MeshService.version`. */
export interface ServiceVersion extends DestinationVersion {
  /** The service. */
  readonly service: IMeshService;
}

/** Callers by what is written on their pods, for those that are no service of this App. */
export interface CallerSelector {
  /**
   * Their namespace. Writes `sourceNamespace`.
   * @default any
   */
  readonly namespace?: string;
  /**
   * Labels that their pods have. Writes `sourceLabels`.
   * @default any
   */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Who calls: a service, one version of it, or all pods of a namespace or with some labels. */
export type CallerReference = IMeshService | ServiceVersion | CallerSelector;
