import { Construct } from 'constructs';
import { Cookie } from './cookie';
import { Header } from './header';
import { MeshError } from './mesh-error';
import type { CallerReference } from './mesh-member';
import type { MeshService } from './mesh-service';
import { Path } from './path';
import { checkReference } from './private/callers';
import { recordLocation } from './private/location';
import { unusedId } from './private/names';
import { checkPercent, checkWhole } from './private/number-range';
import { Query } from './query';
import type { RequestMatch } from './request-match';

/** A condition for {@link CanaryRouteProps.always}. */
export type CanaryCondition = Header | Cookie | Query | Path | RequestMatch;

/** Which version is stable, which is new, and who sees it. */
export interface CanaryRouteProps<V extends string> {
  /** The service. */
  readonly service: MeshService<V>;
  /** The version that most requests go to. */
  readonly stable: NoInfer<V>;
  /** The new version. */
  readonly canary: NoInfer<V>;
  /** The share of the requests that goes to the canary, in whole percent; 0 and 100 are exact. */
  readonly weight: number;
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
  public constructor(scope: Construct, id: string, props: CanaryRouteProps<V>) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const { service, stable, canary, from } = props;
    checkReference(service, 'service', this);
    const weight = checkWhole(checkPercent(props.weight, 'weight', this), 'weight', this, { min: 0, max: 100 });
    if ((stable as string) === (canary as string)) {
      throw new MeshError({ construct: this, code: 'invalid-value', problem: `stable and canary are both ${stable}`, fix: 'name two versions' });
    }
    const [rules] = service.rules;
    if (props.always !== undefined && props.always.length > 0) {
      rules.addRule(this, { to: canary, from, match: props.always.map(asMatch) });
    }
    rules.addRule(this, { to: { [stable]: 100 - weight, [canary]: weight }, from });
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
