import { Construct } from 'constructs';
import type { ICallable } from './mesh-member';
import { checkReference } from './private/callers';
import { rulesOf } from './private/host-rules';
import { recordLocation } from './private/location';
import { unusedId } from './private/names';
import type { Retries, RuleScope } from './route-rule';

/** Which requests are tried again, and when. */
export interface RetryProps extends RuleScope, Retries {
  /** The service, or external service. */
  readonly service: ICallable;
}

/**
 * Failed requests of a service are tried again. Writes `http[].retries`: without `match` for every rule, with it for the part of each rule that
 * matches. A rule's own `retries` win.
 *
 * @example
 * new Retry(mesh, 'reviews-retry', { service: reviews, attempts: 3, perTry: Duration.millis(500), on: ['5xx', 'reset'] });
 */
export class Retry extends Construct {
  /** @throws {@link MeshError} `invalid-value`, `unreachable-rule` if another construct says how these requests are retried, `inexpressible-match` */
  public constructor(scope: Construct, id: string, props: RetryProps) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const { service, match, from, ...retries } = props;
    checkReference(service, 'service', this);
    rulesOf(service).forEach((rules) => rules.addOptions(this, { match, from, retries }));
  }
}
