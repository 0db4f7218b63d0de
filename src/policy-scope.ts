import type { IVersioned } from './mesh-member';

/** What a destination policy is for. A narrower policy wins over a wider one; two that set the same field of the same scope are an error. */
export interface PolicyScope<V extends string> {
  /** The service, or external service. */
  readonly service: IVersioned<V>;
  /**
   * Only this version. A rule that routes by version is written if there is none, because Istio applies the policy of a version only to
   * routes that name it. Writes `subsets[].trafficPolicy`.
   * @default the whole service
   */
  readonly version?: NoInfer<V>;
  /**
   * Only this port of the service. Writes `portLevelSettings`.
   * @default every port
   */
  readonly port?: number;
}
