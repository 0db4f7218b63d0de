import type { IConstruct } from 'constructs';
import type { GatewayRoute, GrpcGatewayRoute } from '../gateway-props';
import { Header } from '../header';
import { MeshError } from '../mesh-error';
import { Path } from '../path';
import type { RequestMatch } from '../request-match';
import { defined } from './merge';
import { hasPrefix } from './rewritten';

/** The conditions of a gateway's route; undefined where every request will do. Claims are headers to Istio. */
export function matchOf(route: RequestMatch & Pick<GatewayRoute, 'claims'>): RequestMatch | undefined {
  const { path, claims, cookies, query, method, authority, scheme, port } = route;
  const headers = claims === undefined ? route.headers : [...route.headers ?? [], ...claims.map((claim) => Header.ofClaim(claim))];
  const match = defined({ path, headers, cookies, query, method, authority, scheme, port });
  return Object.keys(match).length === 0 ? undefined : match;
}

/** Refuses to replace a prefix where the route matches none. */
export function checkPrefix(route: GatewayRoute, construct: IConstruct): void {
  if (route.rewrite !== undefined && 'prefix' in route.rewrite && !hasPrefix(route)) {
    throw new MeshError({
      construct, code: 'invalid-value', problem: '`rewrite.prefix` replaces the prefix that matched, and the route matches none',
      fix: 'give the route a path: Path.prefix(…), or use `rewrite.path` to replace the whole path',
    });
  }
}

/** The path of the calls of a gRPC service or method; undefined for all. */
export function pathOfCalls({ grpcService, grpcMethod }: GrpcGatewayRoute, construct: IConstruct): Path<'prefix' | 'exact'> | undefined {
  if (grpcService === undefined && grpcMethod !== undefined) {
    throw new MeshError({
      construct, code: 'invalid-value', problem: `grpcMethod ${grpcMethod} is of no service`, fix: 'give `grpcService` too, with its package: \'shop.v1.Cart\'',
    });
  }
  return grpcService === undefined ? undefined : grpcMethod === undefined ? Path.prefix(`/${grpcService}/`) : Path.exact(`/${grpcService}/${grpcMethod}`);
}
