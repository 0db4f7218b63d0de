import { Construct } from 'constructs';
import type { Header } from './header';
import type { CallerReference, IVersioned } from './mesh-member';
import { Path } from './path';
import { listOf } from './private/alternatives';
import { checkReference } from './private/callers';
import { rulesOf } from './private/host-rules';
import { invalid } from './private/invalid-value';
import { recordLocation } from './private/location';
import { defined } from './private/merge';
import { unusedId } from './private/names';
import type { RequestMatch } from './request-match';
import type { Destination, RouteOptions, Weights } from './route-rule';

/** Calls of gRPC; all of it must hold. */
export interface GrpcMatch {
  /**
   * The full name of the gRPC service: `helloworld.Greeter`.
   * @default every service
   */
  readonly grpcService?: string;
  /**
   * The method: `SayHello`, or several of which one must match. Needs `grpcService`.
   * @default every method
   */
  readonly method?: string | readonly string[];
  /**
   * Metadata of the call, all of which must match.
   * @default whatever the metadata
   */
  readonly metadata?: readonly Header[];
}

/** Which gRPC calls go where, and how. */
export interface GrpcRouteProps<V extends string> extends RouteOptions {
  /** The service of the mesh. */
  readonly service: IVersioned<V>;
  /**
   * Conditions on the call; an array is an OR.
   * @default every call
   */
  readonly match?: GrpcMatch | readonly GrpcMatch[];
  /**
   * Only calls of these callers.
   * @default whoever calls
   */
  readonly from?: readonly CallerReference[];
  /**
   * The port of the service.
   * @default every port
   */
  readonly port?: number;
  /**
   * A version, shares of several in percent, or of several services. Writes `http[].route`.
   * @default the whole service, every version alike
   */
  readonly to?: NoInfer<V> | Weights<NoInfer<V>> | readonly Destination[];
}

/**
 * Where gRPC calls go: by gRPC service, method and metadata. Writes `http` of the service's VirtualService, with the paths that gRPC has
 * (`/SERVICE/METHOD`).
 *
 * @example
 * new GrpcRoute(mesh, 'new-greeter', {
 *   service: reviews, match: { grpcService: 'helloworld.Greeter', method: 'SayHello' }, to: 'v2', retries: { attempts: 3, on: ['unavailable'] },
 * });
 */
export class GrpcRoute<V extends string = never> extends Construct {
  /** @throws {@link MeshError} `invalid-value` if the service has no port for gRPC, or a name is none; `invalid-weights`, `unreachable-rule` */
  public constructor(scope: Construct, id: string, props: GrpcRouteProps<V>) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const { service, match, port, to, ...others } = props;
    checkReference(service, 'service', this);
    const ports = service.ports.filter(({ protocol, number }) => (protocol === 'grpc' || protocol === 'http2') && (port ?? number) === number);
    if (ports.length === 0) {
      throw invalid(this, `${service.node.id} has no port${port === undefined ? '' : ` ${port}`} for gRPC`, 'declare it as Port.grpc');
    }
    const matches = ports.length === service.ports.length && match === undefined
      ? undefined
      : listOf<GrpcMatch>(match ?? {}).flatMap((one) => ports.map(({ number }) => this.requestMatch(one, service.ports.length > 1 ? number : undefined)));
    rulesOf(service).forEach((rules) => rules.addRule(this, { ...others, match: matches, to: to as Weights<V> | readonly Destination[] | V | undefined }));
  }

  private requestMatch({ grpcService, method, metadata }: GrpcMatch, port: number | undefined): RequestMatch {
    const names = [grpcService ?? [], method ?? []].flat();
    const wrong = names.find((name) => !/^[A-Za-z_][\w.]*$/.test(name));
    if (wrong !== undefined) {
      throw invalid(this, `"${wrong}" is no name in gRPC`, 'write the full name of the service, helloworld.Greeter, and methods as SayHello');
    }
    if (grpcService === undefined && method !== undefined) {
      throw invalid(this, '`method` stands without `grpcService`', 'methods have meaning in a service only: name it');
    }
    const path = grpcService === undefined ? undefined
      : method === undefined ? Path.prefix(`/${grpcService}/`) : listOf<string>(method).map((name) => Path.exact(`/${grpcService}/${name}`));
    return defined({ path, headers: metadata, port });
  }
}
