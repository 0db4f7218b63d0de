import type { HttpFilter } from '../../envoy';
import { any } from '../../envoy';
import type { Emitter } from '../emitter';

/** Turns what browsers send into gRPC, and the answers back; https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/grpc_web_filter */
const WEB: HttpFilter = { name: 'envoy.filters.http.grpc_web', typedConfig: any('GrpcWeb', {}) };
/** Counts messages, for the access log and the metrics of Istio. */
const STATS: HttpFilter = { name: 'envoy.filters.http.grpc_stats', typedConfig: any('GrpcStatsFilterConfig', { emitFilterState: true }) };

/** gRPC is HTTP/2 like any other; this is what Istio looks at besides (pilot/pkg/networking/core/listener_builder.go). */
export const grpcEmitter: Emitter = {
  httpFilters: ({ grpcWeb }) => (grpcWeb ? [WEB, STATS] : [STATS]),
};
