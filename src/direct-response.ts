import { Construct } from 'constructs';
import type { ICallable } from './mesh-member';
import { checkReference } from './private/callers';
import { rulesOf } from './private/host-rules';
import { recordLocation } from './private/location';
import { unusedId } from './private/names';
import type { FixedAnswer, HeaderOperations, RuleScope } from './route-rule';

/** Which requests are answered by the proxy, and with what. */
export interface DirectResponseProps extends RuleScope, FixedAnswer {
  /** The service that is not asked. */
  readonly service: ICallable;
  /**
   * Headers of the answer: `{ set: { 'content-type': 'application/json' } }`. Writes `http[].headers.response`.
   * @default Envoy's own: `text/plain` for a body
   */
  readonly headers?: HeaderOperations;
}

/**
 * Answers requests in the proxy of the caller, without asking the service: a service that is closed, a path that is gone. It is a route like
 * those of `route`, so the most specific rule wins. Writes `http[].directResponse`.
 *
 * @example
 * new DirectResponse(mesh, 'no-admin', { service: web, match: { path: Path.prefix('/admin') }, status: 403, body: 'not from here' });
 */
export class DirectResponse extends Construct {
  /** @throws {@link MeshError} `invalid-value` for an impossible status or a body that is too long, `unreachable-rule`, `inexpressible-match` */
  public constructor(scope: Construct, id: string, props: DirectResponseProps) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const { service, match, from, status, body, headers } = props;
    checkReference(service, 'service', this);
    const changeHeaders = headers && { response: headers };
    rulesOf(service).forEach((rules) => rules.addRule(this, { match, from, answer: { status, body }, changeHeaders }));
  }
}
