import { Construct } from 'constructs';
import type { DestinationVersion, ICallable, IVersioned } from './mesh-member';
import { checkReference, scopeOf } from './private/callers';
import { rulesOf } from './private/host-rules';
import { recordLocation } from './private/location';
import { unusedId } from './private/names';
import { checkPercent } from './private/number-range';
import { MIRROR, type Share } from './private/route-action';
import { destinationShare } from './private/shares';
import type { RuleScope } from './route-rule';

/** Which requests are copied, and to where. */
export interface MirrorProps<V extends string> extends RuleScope {
  /** The service whose requests are copied. */
  readonly service: IVersioned<V>;
  /** Who gets the copies: a version of the service, another service, or a version of one. */
  readonly to: NoInfer<V> | ICallable | DestinationVersion;
  /**
   * The port of another service, where it has several.
   * @default its first
   */
  readonly port?: number;
  /**
   * How many requests are copied, in percent.
   * @default 100
   */
  readonly percent?: number;
}

/**
 * Copies requests to a version or service that answers nobody: its answers are dropped, and clients do not wait for them. Without `match` all
 * requests are copied, whichever rule takes them. Writes `http[].mirrors` into the service's VirtualService; several mirrors of one service
 * add up.
 *
 * @example
 * new Mirror(mesh, 'shadow', { service: reviews, to: 'v2', percent: 50 });
 */
export class Mirror<V extends string = never> extends Construct {
  /**
   * @throws {@link MeshError} `invalid-value` for an impossible percentage, `unknown-host` for a version that does not exist,
   * `unreachable-rule` if the same requests are copied there already, `inexpressible-match`
   */
  public constructor(scope: Construct, id: string, props: MirrorProps<V>) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const { service, to, port } = props;
    checkReference(service, 'service', this);
    const percent = props.percent === undefined ? undefined : checkPercent(props.percent, 'percent', this);
    const share: Share = typeof to === 'string' ? { version: to } : destinationShare({ service: to as ICallable | DestinationVersion, port }, 'to', this);
    const target = share.version ?? [share.destination?.subset, share.destination?.host].filter(Boolean).join(' of ');
    for (const rules of rulesOf(service)) {
      rules.checkVersion(share.version, this);
      rules.addDecoration(this, { label: `mirror to ${target}`, slots: { [`${MIRROR}to ${target}`]: { share, percent } }, scope: scopeOf(props, this) });
    }
  }
}
