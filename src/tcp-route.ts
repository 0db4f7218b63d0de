import { Construct } from 'constructs';
import { MeshError } from './mesh-error';
import type { CallerReference, IVersioned } from './mesh-member';
import { checkReference } from './private/callers';
import { connectionScope } from './private/connection-scope';
import { rulesOf } from './private/host-rules';
import { recordLocation } from './private/location';
import { unusedId } from './private/names';
import { isHttp } from './private/ports';
import type { Destination, Weights } from './route-rule';

/** Which connections go where. */
export interface TcpRouteProps<V extends string> {
  /** The service. */
  readonly service: IVersioned<V>;
  /**
   * The port of the service.
   * @default all its ports that are not HTTP
   */
  readonly port?: number;
  /**
   * Only connections of these callers. Such a rule means nothing at a gateway. Writes `match[].sourceLabels` and `sourceNamespace`.
   * @default whoever calls
   */
  readonly from?: readonly CallerReference[];
  /**
   * Only connections to these addresses or ranges, where the service has several: `10.1.0.0/16`. Writes `match[].destinationSubnets`.
   * @default every address
   */
  readonly addresses?: readonly string[];
  /**
   * A version, shares of several in percent, or of several services. Writes `tcp[].route`.
   * @default the whole service, every version alike
   */
  readonly to?: NoInfer<V> | Weights<NoInfer<V>> | readonly Destination[];
}

/**
 * Where the connections of a service go: by port and caller, in shares. Writes `tcp` of its VirtualService; it holds through `gateway.tcp` too.
 * `service.route` does the same for services all of whose ports are TCP.
 *
 * @example
 * new TcpRoute(mesh, 'echo-shift', { service: tcpEcho, port: 9000, to: { v1: 80, v2: 20 } });
 */
export class TcpRoute<V extends string = never> extends Construct {
  /** @throws {@link MeshError} `invalid-value` if the service has no such port, `invalid-weights`, `unreachable-rule` */
  public constructor(scope: Construct, id: string, props: TcpRouteProps<V>) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const { service, to, addresses } = props;
    checkReference(service, 'service', this);
    const wrong = addresses?.find((address) => !/^([\d.]+|[\da-fA-F:.]*:[\da-fA-F:.]*)(\/\d{1,3})?$/.test(address));
    if (wrong !== undefined || addresses?.length === 0) {
      throw new MeshError({
        construct: this, code: 'invalid-value', problem: wrong === undefined ? '`addresses` is empty' : `"${wrong}" is neither an address nor a range`, fix: 'write addresses as 10.1.2.3 or 10.1.0.0/16',
      });
    }
    const rule = { to: to as Weights<V> | readonly Destination[] | V | undefined, scope: connectionScope(service, props, { of: (port) => !isHttp(port), name: 'TCP' }, this) };
    rulesOf(service).forEach((rules) => rules.addConnectionRule(this, rule));
  }
}
