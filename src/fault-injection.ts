import type { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { MeshError } from './mesh-error';
import type { ICallable } from './mesh-member';
import { checkReference, scopeOf } from './private/callers';
import { positiveDuration } from './private/duration-text';
import { rulesOf } from './private/host-rules';
import { recordLocation } from './private/location';
import { defined } from './private/merge';
import { unusedId } from './private/names';
import { checkPercent, checkWhole } from './private/number-range';
import type { Slots } from './private/route-action';
import type { RuleScope } from './route-rule';

/** Requests that are held back before they are sent on. Writes `fault.delay`. */
export interface DelayFault {
  /** How long. */
  readonly fixed: Duration;
  /** How many requests, in percent. */
  readonly percent: number;
}

/** Requests that are answered with an error instead of being sent on. Writes `fault.abort`. */
export type AbortFault =
  | { /** The HTTP status. */ readonly status: number; /** How many requests, in percent. */ readonly percent: number }
  | { /** The gRPC status, by name: `UNAVAILABLE`. */ readonly grpcStatus: string; /** How many requests, in percent. */ readonly percent: number };

const GRPC_STATUSES = [
  'OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED', 'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED',
];

/** Which requests fail, and how. */
export interface FaultInjectionProps extends RuleScope {
  /** The service whose callers see the fault. */
  readonly service: ICallable;
  /**
   * Holds requests back.
   * @default none
   */
  readonly delay?: DelayFault;
  /**
   * Answers with an error.
   * @default none
   */
  readonly abort?: AbortFault;
}

/**
 * Failure on purpose, in the proxies of the callers. Writes into the service's VirtualService: without `match` for every rule, with it for the
 * part of each rule that matches.
 *
 * @example
 * new FaultInjection(mesh, 'slow-ratings', {
 *   service: ratings, match: { headers: [Header.exact('end-user', 'jason')] }, delay: { fixed: Duration.seconds(7), percent: 100 },
 * });
 */
export class FaultInjection extends Construct {
  /**
   * @throws {@link MeshError} `invalid-value` for an impossible percentage, duration or status, or no fault at all; `unreachable-rule` if
   * another fault of this kind already holds for these requests; `inexpressible-match`
   */
  public constructor(scope: Construct, id: string, props: FaultInjectionProps) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    checkReference(props.service, 'service', this);
    const slots = this.slots(props);
    if (Object.keys(slots).length === 0) {
      throw new MeshError({ construct: this, code: 'invalid-value', problem: 'injects no fault', fix: 'give it `delay` or `abort`' });
    }
    const label = Object.keys(slots).join(' and ');
    rulesOf(props.service).forEach((rules) => rules.addDecoration(this, { label, slots, scope: scopeOf(props, this) }));
  }

  private grpcStatus({ grpcStatus }: { readonly grpcStatus?: string }): string {
    if (grpcStatus === undefined) {
      throw new MeshError({ construct: this, code: 'invalid-value', problem: 'abort has no status', fix: 'give it `status` for HTTP, or `grpcStatus`' });
    }
    if (!GRPC_STATUSES.includes(grpcStatus)) {
      throw new MeshError({
        construct: this, code: 'invalid-value', problem: `abort.grpcStatus "${grpcStatus}" is no gRPC status`, fix: `use one of ${GRPC_STATUSES.join(', ')}, or \`status\` for HTTP`,
      });
    }
    return grpcStatus;
  }

  private slots({ delay, abort }: FaultInjectionProps): Slots {
    return defined({
      delay: delay && {
        fixedDelay: positiveDuration(delay.fixed, 'delay.fixed', this), percentage: { value: checkPercent(delay.percent, 'delay.percent', this) },
      },
      abort: abort && {
        ...('status' in abort ? { httpStatus: checkWhole(abort.status, 'abort.status', this, { min: 200, max: 599 }) } : { grpcStatus: this.grpcStatus(abort) }),
        percentage: { value: checkPercent(abort.percent, 'abort.percent', this) },
      },
    });
  }
}
