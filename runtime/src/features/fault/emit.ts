import type { FaultAbort, HTTPFault, Route } from '../../envoy';
import { any, duration } from '../../envoy';
import type { Emitter } from '../emitter';
import { fractionalPercent } from '../matcher';
import type { Fault } from './model';
import { fault } from './model';

const FILTER = 'envoy.filters.http.fault';

export const faultEmitter: Emitter = {
  // A route that has something for it switches it on; the requests of all others go past it, which is worth some percent of the throughput.
  // https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_filters#route-based-filter-chain
  httpFilter: { name: FILTER, typedConfig: any('HTTPFault', {}), disabled: true },

  route(rule): Route {
    const value = rule.features.get(fault);
    return value ? { typedPerFilterConfig: { [FILTER]: any('HTTPFault', emitFault(value)) } } : {};
  },
};

function emitFault({ delay, abort }: Fault): HTTPFault {
  return {
    ...(delay && { delay: { fixedDelay: duration(delay.duration), percentage: fractionalPercent(delay.percent) } }),
    ...(abort && { abort: emitAbort(abort) }),
  };
}

function emitAbort(abort: NonNullable<Fault['abort']>): FaultAbort {
  const percentage = fractionalPercent(abort.percent);
  return 'httpStatus' in abort ? { httpStatus: abort.httpStatus, percentage } : { grpcStatus: abort.grpcStatus, percentage };
}
