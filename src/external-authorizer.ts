import { ApiObject, Lazy, type Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type { MeshConfigSpecExtensionProviders } from '../imports/istio/mesh-config.types';
import { Mesh } from './mesh';
import { MeshError } from './mesh-error';
import type { ICallable } from './mesh-member';
import type { Port } from './port';
import { AppRegistry } from './private/app-registry';
import { checkReference } from './private/callers';
import { positiveDuration } from './private/duration-text';
import { hostsOf } from './private/host';
import { recordLocation } from './private/location';
import { defined } from './private/merge';
import { MeshSettings } from './private/mesh-settings';
import { checkLabel, unusedId } from './private/names';
import { checkWhole } from './private/number-range';
import type { PolicyPlace } from './private/policy-place';
import { isHttp } from './private/ports';

/** How much of a request's body the authorizer is shown. */
export interface AuthorizedBody {
  /** The most that is kept for it, in bytes; larger requests get 413. Writes `maxRequestBytes`. */
  readonly maxBytes: number;
  /** Whether of larger requests the beginning is shown instead. Writes `allowPartialMessage`. @default false */
  readonly allowPartial?: boolean;
  /** Whether it is shown as bytes, for bodies that are no text; gRPC only. Writes `packAsBytes`. @default false */
  readonly asBytes?: boolean;
}

/** What authorizers over gRPC and over HTTP have in common. */
export interface AuthorizerOptions {
  /** The service that decides. Writes `service`. */
  readonly service: ICallable;
  /**
   * Its port, where it has several.
   * @default its first port that fits the protocol
   */
  readonly port?: number;
  /**
   * How long an answer may take; after that the authorizer counts as away. Writes `timeout`.
   * @default Istio's, 600 s
   */
  readonly timeout?: Duration;
  /**
   * Whether calls go on while the authorizer is away or answers 5xx. Writes `failOpen`.
   * @default false: they are refused
   */
  readonly failOpen?: boolean;
  /**
   * The status of calls that are refused because the authorizer is away. Writes `statusOnError`.
   * @default 403
   */
  readonly statusOnError?: number;
  /**
   * What the authorizer is shown of bodies. Writes `includeRequestBodyInCheck`.
   * @default nothing
   */
  readonly body?: AuthorizedBody;
  /**
   * Whether headers that the authorizer changes decide about the route. Writes `clearRouteCache`.
   * @default false
   */
  readonly clearRouteCache?: boolean;
}

/** An authorizer over Envoy's gRPC protocol, `envoy.service.auth.v3.Authorization`. */
export interface GrpcAuthorizer extends AuthorizerOptions {
  /** How it is asked. */
  readonly protocol: 'grpc';
}

/** An authorizer over HTTP: it gets the method, the path and some headers, and lets in by answering 200. */
export interface HttpAuthorizer extends AuthorizerOptions {
  /** How it is asked. */
  readonly protocol: 'http';
  /** What stands before the path that it is asked with. Writes `pathPrefix`. @default nothing */
  readonly pathPrefix?: string;
  /** Headers of the request that it is shown, besides `Host` and `Authorization`. Writes `includeRequestHeadersInCheck`. @default none */
  readonly requestHeaders?: readonly string[];
  /** Further headers for it, with their values. Writes `includeAdditionalHeadersInCheck`. @default none */
  readonly additionalHeaders?: Readonly<Record<string, string>>;
  /** Headers of its answer that the request gets when it is let in. Writes `headersToUpstreamOnAllow`. @default none */
  readonly headersUpstream?: readonly string[];
  /** Headers of its answer that clients get when they are refused. Writes `headersToDownstreamOnDeny`. @default all */
  readonly headersOnDeny?: readonly string[];
  /** Headers of its answer that clients get with the response when they are let in. Writes `headersToDownstreamOnAllow`. @default none */
  readonly headersOnAllow?: readonly string[];
}

/** How an authorizer is asked. */
export type ExternalAuthorizerProps = (GrpcAuthorizer | HttpAuthorizer) & {
  /**
   * The mesh, where it is not created inside it.
   * @default the mesh around it
   */
  readonly mesh?: Mesh;
};

/** What the maker tells the constructor beyond the props that everybody sees. */
const ELSEWHERE = Symbol('elsewhere');

/**
 * A service that decides about calls, named in `custom` of an {@link AccessPolicy}. Writes an entry in `extensionProviders` of the MeshConfig:
 * that of the bundled control plane, or with `MeshRuntime.istio({ sharedMeshConfig })` a ConfigMap that Istio reads beside its own.
 *
 * @example
 * const opa = new ExternalAuthorizer(mesh, 'opa', { protocol: 'grpc', service: cart, port: 9191, timeout: Duration.seconds(1) });
 * new AccessPolicy(mesh, 'ask-opa', { service: reviews, custom: { provider: opa, rules: [{ path: Path.prefix('/admin/') }] } });
 */
export class ExternalAuthorizer extends Construct {
  /**
   * An authorizer that stands in the MeshConfig already, because whoever installed Istio wrote it there. Nothing is written.
   *
   * @example
   * new AccessPolicy(mesh, 'ask-oauth', { gateway: edge, custom: { provider: ExternalAuthorizer.fromName(mesh, 'oauth2-proxy') } });
   * @throws {@link MeshError} `duplicate-name` if the name is declared already
   */
  public static fromName(scope: Construct, name: string): ExternalAuthorizer {
    return new ExternalAuthorizer(scope, name, { [ELSEWHERE]: true } as unknown as ExternalAuthorizerProps);
  }

  /** The name by which policies know it. */
  public readonly name: string;
  private readonly service?: ICallable;

  /**
   * @throws {@link MeshError} `invalid-name`, `duplicate-name` if the mesh has an authorizer of this name, `invalid-value` for a port or a status that
   * cannot be, `inexpressible-feature` with an Istio that is not told of a ConfigMap of ours
   */
  public constructor(scope: Construct, id: string, props: ExternalAuthorizerProps) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    this.name = checkLabel(id, 'authorizer name', this);
    const settings = MeshSettings.of(this);
    if (ELSEWHERE in props) {
      settings.addProvider(this.name, { declarer: this });
      return;
    }
    const mesh = props.mesh ?? Mesh.of(this);
    checkReference(props.service, 'service', this);
    this.service = props.service;
    settings.addProvider(this.name, { declarer: this, config: this.config(props) });
    this.shareWithIstio(mesh, settings);
  }

  /** Those whom a policy protects ask the authorizer themselves: their proxies must know of it, and it must let them in. @internal */
  public askedBy(place: PolicyPlace): void {
    if (this.service !== undefined) {
      AppRegistry.of(this).questions.push({ authorizer: this.service, place });
      AppRegistry.of(this).changes += 1;
    }
  }

  private shareWithIstio({ runtime, controlPlaneNamespace: namespace }: Mesh, settings: MeshSettings): void {
    if (runtime.controlPlane !== undefined) {
      return;
    }
    const { sharedMeshConfig } = runtime;
    if (sharedMeshConfig === undefined) {
      throw new MeshError({
        construct: this, code: 'inexpressible-feature', problem: 'Istio reads authorizers from a MeshConfig that is not ours to write',
        fix: 'give istiod SHARED_MESH_CONFIG and the same name here, MeshRuntime.istio({ sharedMeshConfig }), or write it there and use ExternalAuthorizer.fromName',
      });
    }
    if (AppRegistry.of(this).first('shared mesh config', this)) {
      new ApiObject(this, 'shared-mesh-config', {
        apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: sharedMeshConfig, namespace }, data: { mesh: Lazy.any({ produce: () => settings.sharedConfig() }) },
      });
    }
  }

  private config(props: ExternalAuthorizerProps): MeshConfigSpecExtensionProviders {
    const { timeout, failOpen, statusOnError, body, clearRouteCache } = props;
    const both = {
      service: `${hostsOf(props.service)[0].props.namespace}/${props.service.hosts[0]}`,
      port: this.portOf(props).number,
      timeout: timeout && positiveDuration(timeout, 'timeout', this),
      failOpen,
      clearRouteCache,
      statusOnError: statusOnError === undefined ? undefined : String(checkWhole(statusOnError, 'statusOnError', this, { min: 400, max: 599 })),
      includeRequestBodyInCheck: body && defined({
        maxRequestBytes: checkWhole(body.maxBytes, 'body.maxBytes', this, { min: 1 }), allowPartialMessage: body.allowPartial, packAsBytes: body.asBytes,
      }),
    };
    if (props.protocol === 'grpc') {
      return { name: this.name, envoyExtAuthzGrpc: defined(both) };
    }
    return {
      name: this.name,
      envoyExtAuthzHttp: defined({
        ...both,
        pathPrefix: props.pathPrefix,
        includeRequestHeadersInCheck: props.requestHeaders,
        includeAdditionalHeadersInCheck: props.additionalHeaders,
        headersToUpstreamOnAllow: props.headersUpstream,
        headersToDownstreamOnDeny: props.headersOnDeny,
        headersToDownstreamOnAllow: props.headersOnAllow,
      }),
    };
  }

  /** gRPC runs over HTTP/2, which proxies speak only to ports that say so. */
  private portOf({ service, port, protocol }: ExternalAuthorizerProps): Port {
    const fits = (one: Port) => (protocol === 'grpc' ? one.protocol === 'grpc' || one.protocol === 'http2' : isHttp(one));
    const found = service.ports.find((one) => (port === undefined ? fits(one) : one.number === port));
    if (found === undefined || !fits(found)) {
      throw new MeshError({
        construct: this, code: 'invalid-value',
        problem: `${service.node.id} has no port${port === undefined ? '' : ` ${port}`} for ${protocol}; it has ${service.ports.map((one) => `${one.protocol} ${one.number}`).join(', ')}`,
        fix: protocol === 'grpc' ? 'declare its port as Port.grpc' : 'choose a port for HTTP',
      });
    }
    return found;
  }
}
