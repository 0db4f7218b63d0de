import type { IConstruct } from 'constructs';
import type { Port } from './port';
import type { HostRules } from './private/host-rules';

/** Something that workloads can call: a MeshService or an ExternalService. */
export interface ICallable extends IConstruct {
  /** The full host names that clients use. */
  readonly hosts: readonly string[];
  /** The ports that clients use. */
  readonly ports: readonly Port[];
  /** The owners of its hosts' rules. @internal */
  readonly rules: readonly HostRules[];
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
}

/** One version of a service; made by `MeshService.version`. */
export interface ServiceVersion {
  /** The service. */
  readonly service: IMeshService;
  /** The version's name. */
  readonly version: string;
}

/** Who calls: a service, or one version of it. */
export type CallerReference = IMeshService | ServiceVersion;
