import type { HealthCheck } from '../../envoy';
import { CodecClientType, duration, uint32 } from '../../envoy';
import { isHttp } from '../../model/protocol';
import type { Emitter } from '../emitter';
import { healthCheck } from './model';

/**
 * An answer that is not 200 puts an endpoint out at once, whatever the threshold; it counts failures to answer
 * (https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/health_check.proto, unhealthy_threshold).
 */
export const healthCheckEmitter: Emitter = {
  cluster(settings, { direction, protocol, http2, opaque, checkable }) {
    const value = settings.get(healthCheck);
    if (!value || direction === 'inbound' || opaque || !checkable) {
      return {};
    }
    const check: HealthCheck = {
      interval: duration(value.interval),
      // Without requests too: whoever comes first should not find out.
      noTrafficInterval: duration(value.interval),
      timeout: duration(value.timeout),
      unhealthyThreshold: uint32(value.unhealthyAfter),
      healthyThreshold: uint32(value.healthyAfter),
      ...(value.path !== undefined && isHttp(protocol)
        ? { httpHealthCheck: { path: value.path, host: 'health.check', ...(http2 && { codecClientType: CodecClientType.HTTP2 }) } }
        : { tcpHealthCheck: {} }),
    };
    // Requests to endpoints that are out are nobody's wish, however few are left: no panic.
    return { cluster: { healthChecks: [check], ignoreHealthOnHostRemoval: true, commonLbConfig: { healthyPanicThreshold: {} } } };
  },
};
