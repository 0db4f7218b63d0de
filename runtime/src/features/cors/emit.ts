import type { HttpCorsPolicy, Route } from '../../envoy';
import { any, bool } from '../../envoy';
import type { Emitter } from '../emitter';
import { fractionalPercent, stringMatcher } from '../matcher';
import type { Cors } from './model';
import { cors } from './model';

const FILTER = 'envoy.filters.http.cors';

export const corsEmitter: Emitter = {
  // A route that has something for it switches it on; the requests of all others go past it, which is worth some percent of the throughput.
  // https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_filters#route-based-filter-chain
  httpFilter: { name: FILTER, typedConfig: any('Cors', {}), disabled: true },

  route(rule): Route {
    const value = rule.features.get(cors);
    return value ? { typedPerFilterConfig: { [FILTER]: any('HttpCorsPolicy', emitCors(value)) } } : {};
  },
};

function emitCors(value: Cors): HttpCorsPolicy {
  return {
    allowOriginStringMatch: value.origins.map(stringMatcher),
    allowMethods: value.methods.join(','),
    allowHeaders: value.allowHeaders.join(','),
    exposeHeaders: value.exposeHeaders.join(','),
    ...(value.maxAge !== undefined && { maxAge: String(Math.trunc(value.maxAge / 1000)) }),
    ...(value.credentials !== undefined && { allowCredentials: bool(value.credentials) }),
    filterEnabled: { defaultValue: fractionalPercent(100) },
    forwardNotMatchingPreflights: bool(value.forwardUnmatchedPreflights),
  };
}
