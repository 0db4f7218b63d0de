import type { Duration } from 'cdk8s';

/** What Argo Rollouts does with the weights. */
export interface ArgoRolloutsOptions {
  /**
   * The share of the canary in each step, in whole percent.
   * @default those of the TrafficShift; for a CanaryRoute 10, 25, 50
   */
  readonly steps?: readonly number[];
  /**
   * How long each step takes.
   * @default until a person promotes it
   */
  readonly pause?: Duration;
}

/** What Flagger does with the weights. */
export interface FlaggerOptions {
  /**
   * The share of the canary in each step, in whole percent.
   * @default those of the TrafficShift; for a CanaryRoute 10, 25, 50
   */
  readonly steps?: readonly number[];
  /**
   * How long each step takes.
   * @default 1 minute
   */
  readonly interval?: Duration;
  /**
   * Failed checks after which everything goes back.
   * @default 5
   */
  readonly threshold?: number;
  /**
   * Requests that must succeed, in percent.
   * @default 99
   */
  readonly successRate?: number;
  /**
   * The time in which 99 % of the requests must be answered.
   * @default 500 ms
   */
  readonly maxLatency?: Duration;
}

/** A rule of Argo CD for what it must not put back; for `spec.ignoreDifferences` of the Application. */
export interface IgnoredDifference {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly jqPathExpressions: readonly string[];
}

/**
 * Somebody in the cluster who decides the weights of a canary, step by step, instead of this program. The program then says where weights
 * begin, and writes the object that tells the other one what to do.
 *
 * @example
 * new CanaryRoute(mesh, 'reviews-canary', {
 *   service: reviews, stable: 'v1', canary: 'v2', weight: WeightOwner.argoRollouts({ steps: [5, 25, 50], pause: Duration.minutes(10) }),
 * });
 */
export class WeightOwner {
  /**
   * Argo Rollouts: writes a Rollout for the canary's Deployment, with the names of the routes whose weights it changes. The subsets of both
   * versions select all pods of the service; Argo Rollouts adds the hash that tells them apart. The very first roll-out has nothing to be
   * compared with and takes all traffic at once.
   */
  public static argoRollouts(options: ArgoRolloutsOptions = {}): WeightOwner {
    return new WeightOwner({ by: 'argo-rollouts', ...options });
  }

  /**
   * Flagger: writes a Canary for the canary's Deployment. Flagger writes Service, VirtualService and DestinationRules of the service itself, so
   * none is written here, and other rules of the service are refused.
   */
  public static flagger(options: FlaggerOptions = {}): WeightOwner {
    return new WeightOwner({ by: 'flagger', ...options });
  }

  private constructor(private readonly given: ({ readonly by: 'argo-rollouts' } & ArgoRolloutsOptions) | ({ readonly by: 'flagger' } & FlaggerOptions)) {}

  /** @internal */
  public get options(): ({ readonly by: 'argo-rollouts' } & ArgoRolloutsOptions) | ({ readonly by: 'flagger' } & FlaggerOptions) {
    return this.given;
  }
}
