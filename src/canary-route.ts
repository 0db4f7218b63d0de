import { Construct } from 'constructs';
import { Cookie } from './cookie';
import { Header } from './header';
import { MeshError } from './mesh-error';
import type { CallerReference, IVersioned } from './mesh-member';
import { Path } from './path';
import { checkReference } from './private/callers';
import { handWeights, ignoredDifferences } from './private/handed-weights';
import { rulesOf, type HostRules } from './private/host-rules';
import { recordLocation } from './private/location';
import { unusedId } from './private/names';
import { checkPercent, checkWhole } from './private/number-range';
import { Query } from './query';
import type { RequestMatch } from './request-match';
import type { Weights } from './route-rule';
import { WeightOwner, type IgnoredDifference } from './weight-owner';

/** A condition for {@link CanaryRouteProps.always}. */
export type CanaryCondition = Header | Cookie | Query | Path | RequestMatch;

/** Which version is stable, which is new, and who sees it. */
export interface CanaryRouteProps<V extends string> {
  /** The service. */
  readonly service: IVersioned<V>;
  /** The version that most requests go to. */
  readonly stable: NoInfer<V>;
  /** The new version. */
  readonly canary: NoInfer<V>;
  /**
   * The share of the requests that goes to the canary, in whole percent; 0 and 100 are exact. Or who decides it instead of this program:
   * `WeightOwner.argoRollouts()`, `WeightOwner.flagger()`.
   */
  readonly weight: number | WeightOwner;
  /**
   * Requests that always see the canary: those that satisfy any of these conditions.
   * @default none
   */
  readonly always?: readonly CanaryCondition[];
  /**
   * Only requests of these callers are shared out; the rest is none of this canary's business.
   * @default whoever calls
   */
  readonly from?: readonly CallerReference[];
}

/**
 * A new version for a share of the requests. Writes rules into the service's VirtualService: first the requests that always see the canary,
 * then everything else in the given shares. It works for callers in the mesh and through gateways.
 *
 * @example
 * new CanaryRoute(mesh, 'reviews-canary', {
 *   service: reviews, stable: 'v1', canary: 'v3', weight: 10,
 *   always: [Header.exact('end-user', 'jason')],
 * });
 */
export class CanaryRoute<V extends string> extends Construct {
  /**
   * @throws {@link MeshError} `invalid-value` if the weight is no whole percentage, `unreachable-rule` if the service has another rule without
   * a condition
   */
  public constructor(scope: Construct, id: string, private readonly props: CanaryRouteProps<V>) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const { service, stable, canary, from } = props;
    checkReference(service, 'service', this);
    const weight = typeof props.weight === 'object' ? 0 : checkWhole(checkPercent(props.weight, 'weight', this), 'weight', this, { min: 0, max: 100 });
    if ((stable as string) === (canary as string)) {
      throw new MeshError({ construct: this, code: 'invalid-value', problem: `stable and canary are both ${stable}`, fix: 'name two versions' });
    }
    rulesOf(service).forEach((rules) => [stable, canary].forEach((version) => rules.checkVersion(version, this)));
    const name = props.weight instanceof WeightOwner ? handWeights(props.weight, { construct: this, service, stable, canary }) : undefined;
    if (typeof props.weight === 'number' || name !== undefined) {
      rulesOf(service).forEach((rules) => this.addRules(rules, { [stable]: 100 - weight, [canary]: weight }, name));
    } else if (props.always !== undefined || from !== undefined) {
      throw new MeshError({ construct: this, code: 'invalid-value', problem: 'Flagger writes the routes itself, without `always` and `from`', fix: 'leave them out, or use WeightOwner.argoRollouts' });
    }
  }

  /** What Argo CD should leave alone where Argo Rollouts decides the weights: for `spec.ignoreDifferences` of its Application. */
  public get ignoreDifferences(): readonly IgnoredDifference[] {
    const { weight, service } = this.props;
    return weight instanceof WeightOwner && weight.options.by === 'argo-rollouts' ? ignoredDifferences(this.node.id, service, this) : [];
  }

  private addRules(rules: HostRules, to: Weights<string>, name: string | undefined): void {
    const { canary, always, from } = this.props;
    if (always !== undefined && always.length > 0) {
      rules.addRule(this, { to: canary, from, match: always.map(asMatch) });
    }
    rules.addRule(this, { to, from, name });
  }
}

function asMatch(condition: CanaryCondition): RequestMatch {
  if (condition instanceof Header) {
    return { headers: [condition] };
  }
  if (condition instanceof Cookie) {
    return { cookies: [condition] };
  }
  if (condition instanceof Query) {
    return { query: [condition] };
  }
  return condition instanceof Path ? { path: condition } : condition;
}
