import { Construct } from 'constructs';
import type { ICallable } from './mesh-member';
import { checkReference } from './private/callers';
import { rulesOf } from './private/host-rules';
import { recordLocation } from './private/location';
import { unusedId } from './private/names';
import type { CorsPolicy, RuleScope } from './route-rule';

/** Which sites' pages may call a service, and how. */
export interface CorsProps extends RuleScope, CorsPolicy {
  /** The service. */
  readonly service: ICallable;
}

/**
 * Lets pages of other sites call a service. Writes `http[].corsPolicy`: without `match` for every rule, with it for the part of each rule that
 * matches.
 *
 * @example
 * new Cors(mesh, 'shop-pages', { service: cart, origins: ['https://shop.example.com'], methods: ['GET', 'POST'], credentials: true });
 */
export class Cors extends Construct {
  /** @throws {@link MeshError} `invalid-value`, `unreachable-rule` if another construct says the same of these requests, `inexpressible-match` */
  public constructor(scope: Construct, id: string, props: CorsProps) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const { service, match, from, ...cors } = props;
    checkReference(service, 'service', this);
    rulesOf(service).forEach((rules) => rules.addOptions(this, { match, from, cors }));
  }
}
