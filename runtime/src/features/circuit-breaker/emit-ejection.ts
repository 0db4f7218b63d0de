import type { Cluster, ClusterHttpProtocolOptions, MatchPredicate, OutlierDetection as EnvoyOutlierDetection } from '../../envoy';
import { duration, uint32 } from '../../envoy';
import type { OutlierDetection } from './model';

/** When endpoints are taken out of the pool; https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier */
export function emitEjection(outliers: OutlierDetection, panics: boolean): { readonly cluster: Cluster; readonly http: ClusterHttpProtocolOptions } {
  return {
    cluster: {
      outlierDetection: { ...emitConditions(outliers), ...emitTimes(outliers) },
      ...(panics && { commonLbConfig: { healthyPanicThreshold: { value: outliers.minHealthPercent ?? 0 } } }),
    },
    http: outliers.statusCodes.length > 0 ? { outlierDetection: { errorMatcher: emitErrors(outliers.statusCodes) } } : {},
  };
}

/** Envoy's "or" is of two at least. */
function emitErrors(statusCodes: readonly number[]): MatchPredicate {
  const rules = [...new Set(statusCodes)].map((code): MatchPredicate =>
    ({ httpResponseHeadersMatch: { headers: [{ name: ':status', stringMatch: { exact: String(code) } }] } }));
  return rules.length === 1 ? rules[0] : { orMatch: { rules } };
}

function emitConditions(outliers: OutlierDetection): EnvoyOutlierDetection {
  const { consecutive5xx, consecutiveGatewayErrors: gateway, consecutiveLocalOriginFailures: local } = outliers;
  // Zero switches a condition off.
  const enforced = (count: number) => uint32(count > 0 ? 100 : 0);
  return {
    enforcingSuccessRate: uint32(0),
    ...(consecutive5xx !== undefined && { consecutive5xx: uint32(consecutive5xx), enforcingConsecutive5xx: enforced(consecutive5xx) }),
    ...(gateway !== undefined && { consecutiveGatewayFailure: uint32(gateway), enforcingConsecutiveGatewayFailure: enforced(gateway) }),
    ...(outliers.splitLocalOrigin && { splitExternalLocalOriginErrors: true, enforcingLocalOriginSuccessRate: uint32(0) }),
    ...(outliers.splitLocalOrigin && local ? {
      consecutiveLocalOriginFailure: uint32(local),
      enforcingConsecutiveLocalOriginFailure: enforced(local),
    } : {}),
  };
}

function emitTimes(outliers: OutlierDetection): EnvoyOutlierDetection {
  return {
    ...(outliers.interval !== undefined && { interval: duration(outliers.interval) }),
    ...(outliers.baseEjectionTime !== undefined && { baseEjectionTime: duration(outliers.baseEjectionTime) }),
    ...(outliers.maxEjectionPercent !== undefined && { maxEjectionPercent: uint32(outliers.maxEjectionPercent) }),
  };
}
