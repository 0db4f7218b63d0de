import type { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type { ICallable } from './mesh-member';
import { checkReference } from './private/callers';
import { rulesOf } from './private/host-rules';
import { recordLocation } from './private/location';
import { unusedId } from './private/names';
import type { RuleScope } from './route-rule';

/** How long callers wait. */
export interface TimeoutProps extends RuleScope {
  /** The service, or external service. */
  readonly service: ICallable;
  /** The time for the whole answer, retries included; callers then get 504. */
  readonly after: Duration;
}

/**
 * The time that a service has for an answer. Writes `http[].timeout`: without `match` for every rule, with it for the part of each rule that
 * matches. A rule's own `timeout` wins.
 *
 * @example
 * new Timeout(mesh, 'reviews-timeout', { service: reviews, after: Duration.seconds(2) });
 */
export class Timeout extends Construct {
  /** @throws {@link MeshError} `invalid-value` for no time at all, `unreachable-rule` if another timeout holds for these requests, `inexpressible-match` */
  public constructor(scope: Construct, id: string, props: TimeoutProps) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const { service, after: timeout, match, from } = props;
    checkReference(service, 'service', this);
    rulesOf(service).forEach((rules) => rules.addOptions(this, { match, from, timeout }));
  }
}
