import { Construct } from 'constructs';
import { MeshError } from './mesh-error';
import type { CallerReference, IVersioned } from './mesh-member';
import { checkReference } from './private/callers';
import { connectionScope } from './private/connection-scope';
import { rulesOf } from './private/host-rules';
import { recordLocation } from './private/location';
import { isWildcard, unusedId } from './private/names';
import { isTls } from './private/ports';
import type { Destination, Weights } from './route-rule';

/** Which TLS connections go where. */
export interface TlsRouteProps<V extends string> {
  /** The service, which ends TLS itself. */
  readonly service: IVersioned<V>;
  /**
   * Names of the server that clients ask for: hosts of the service, or under its `*.example.com`. Writes `match[].sniHosts`.
   * @default the hosts of the service
   */
  readonly serverNames?: readonly string[];
  /**
   * The port of the service.
   * @default all its ports with TLS
   */
  readonly port?: number;
  /**
   * Only connections of these callers. Writes `match[].sourceLabels` and `sourceNamespace`.
   * @default whoever calls
   */
  readonly from?: readonly CallerReference[];
  /**
   * A version, shares of several in percent, or of several services. Writes `tls[].route`.
   * @default the whole service, every version alike
   */
  readonly to?: NoInfer<V> | Weights<NoInfer<V>> | readonly Destination[];
}

/**
 * Where connections with TLS go that nobody on the way opens: by the name of the server that they ask for. Writes `tls` of the service's
 * VirtualService.
 *
 * @example
 * const wiki = new ExternalService(mesh, 'wiki', { host: '*.wikipedia.org', port: Port.tls(443) });
 * const mirror = new ExternalService(mesh, 'wiki-mirror', { host: 'wiki.example.com', port: Port.tls(443) });
 * new TlsRoute(mesh, 'german-wiki', { service: wiki, serverNames: ['de.wikipedia.org'], to: [{ service: mirror }] });
 */
export class TlsRoute<V extends string = never> extends Construct {
  /** @throws {@link MeshError} `invalid-value` if the service has no such port or is not called by that name, `invalid-weights`, `unreachable-rule` */
  public constructor(scope: Construct, id: string, props: TlsRouteProps<V>) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const { service, to } = props;
    checkReference(service, 'service', this);
    this.checkNames(props);
    for (const rules of rulesOf(service)) {
      const { host } = rules.props;
      const serverNames = props.serverNames?.filter((name) => isUnder(name, host)) ?? [host];
      if (serverNames.length > 0) {
        const connections = connectionScope(service, { ...props, serverNames }, { of: isTls, name: 'TLS' }, this);
        rules.addConnectionRule(this, { to: to as Weights<V> | readonly Destination[] | V | undefined, scope: connections });
      }
    }
  }

  private checkNames({ service, serverNames }: TlsRouteProps<V>): void {
    const wrong = serverNames?.find((name) => !service.hosts.some((host) => isUnder(name, host)));
    if (wrong !== undefined || serverNames?.length === 0) {
      throw new MeshError({
        construct: this,
        code: 'invalid-value',
        problem: wrong === undefined ? '`serverNames` is empty' : `${service.node.id} is not called "${wrong}" but ${service.hosts.join(', ')}`,
        fix: 'name hosts of the service: Istio routes only those',
      });
    }
  }
}

/** Whether everything a name stands for is the host's. */
function isUnder(name: string, host: string): boolean {
  return name === host || (isWildcard(host) && name.endsWith(host.slice(1)));
}
