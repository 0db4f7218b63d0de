import { Construct } from 'constructs';
import type { CallerReference, IVersioned } from './mesh-member';
import { checkReference } from './private/callers';
import { handWeights, ignoredDifferences } from './private/handed-weights';
import { rulesOf } from './private/host-rules';
import { invalid } from './private/invalid-value';
import { recordLocation } from './private/location';
import { unusedId } from './private/names';
import { checkWhole } from './private/number-range';
import { WeightOwner, type IgnoredDifference } from './weight-owner';

/** A migration from one version to another, and how far it is. */
export interface TrafficShiftProps<V extends string> {
  /** The service, or external service. */
  readonly service: IVersioned<V>;
  /** The version that everything goes to before the first step. */
  readonly from: NoInfer<V>;
  /** The version that gets more with each step. */
  readonly to: NoInfer<V>;
  /** The share of the new version in each step, in whole percent, growing: `[10, 25, 50, 100]`. */
  readonly steps: readonly number[];
  /**
   * The step that holds now: 1 is the first, 0 is before it; or who takes the steps instead of this program.
   * @default 0: everything goes to `from`
   */
  readonly step?: number | WeightOwner;
  /**
   * Only requests and connections of these callers are shifted.
   * @default whoever calls
   */
  readonly callers?: readonly CallerReference[];
}

/**
 * Moves the traffic of a service from one version to another in steps: change `step`, synthesize, apply. Writes the weights of a route into the
 * service's VirtualService, for requests and for connections.
 *
 * @example
 * new TrafficShift(mesh, 'to-v3', { service: reviews, from: 'v1', to: 'v3', steps: [10, 25, 50, 100], step: 2 });
 */
export class TrafficShift<V extends string> extends Construct {
  /** The share of the new version now, in percent; undefined where somebody else decides it. */
  public readonly weight: number | undefined;

  /**
   * @throws {@link MeshError} `invalid-value` for a step that does not exist or steps that do not grow, `unreachable-rule` if the service has
   * another rule without a condition
   */
  public constructor(scope: Construct, id: string, private readonly props: TrafficShiftProps<V>) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const { service, from, to, steps, step = 0, callers } = props;
    checkReference(service, 'service', this);
    this.checkSteps();
    if ((from as string) === (to as string)) {
      throw invalid(this, `shifts from ${from} to ${to}`, 'name two versions');
    }
    rulesOf(service).forEach((rules) => [from, to].forEach((version) => rules.checkVersion(version, this)));
    const name = step instanceof WeightOwner ? handWeights(step, { construct: this, service, stable: from, canary: to, steps }) : undefined;
    this.weight = typeof step === 'number' ? [0, ...steps][checkWhole(step, 'step', this, { min: 0, max: steps.length })] : undefined;
    const weight = this.weight ?? 0;
    if (typeof step === 'number' || name !== undefined) {
      rulesOf(service).forEach((rules) => rules.addRule(this, { to: { [from]: 100 - weight, [to]: weight }, from: callers, name }));
    }
  }

  /** What Argo CD should leave alone where Argo Rollouts takes the steps: for `spec.ignoreDifferences` of its Application. */
  public get ignoreDifferences(): readonly IgnoredDifference[] {
    const { step, service } = this.props;
    return step instanceof WeightOwner && step.options.by === 'argo-rollouts' ? ignoredDifferences(this.node.id, service, this) : [];
  }

  private checkSteps(): void {
    const { steps } = this.props;
    steps.forEach((share) => checkWhole(share, 'steps', this, { min: 0, max: 100 }));
    const back = steps.findIndex((share, index) => index > 0 && share <= steps[index - 1]);
    if (steps.length === 0 || back > 0) {
      throw invalid(this, steps.length === 0 ? 'has no steps' : `steps go back from ${steps[back - 1]} to ${steps[back]}`, 'give steps that grow: [10, 25, 50, 100]');
    }
  }
}
