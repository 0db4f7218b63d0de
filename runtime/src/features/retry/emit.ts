import type { RetryPolicy as EnvoyRetryPolicy, RouteAction } from '../../envoy';
import { any, duration, uint32 } from '../../envoy';
import type { Emitter } from '../emitter';
import type { RetryPolicy } from './model';
import { retry } from './model';

const DEFAULT_CONDITIONS = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled', 'retriable-status-codes'];
const DEFAULT: RetryPolicy = { attempts: 2, statusCodes: [] };
const PREVIOUS_HOSTS = { name: 'envoy.retry_host_predicates.previous_hosts', typedConfig: any('PreviousHostsPredicate', {}) };
const PREVIOUS_PRIORITIES = {
  name: 'envoy.retry_priorities.previous_priorities',
  typedConfig: any('PreviousPrioritiesConfig', { updateFrequency: 2 }),
};

export const retryEmitter: Emitter = {
  action(rule, context): RouteAction {
    const policy = rule.features.get(retry) ?? context.defaults.get(retry) ?? DEFAULT;
    return policy.attempts > 0 ? { retryPolicy: emitPolicy(policy, context.sticky) } : {};
  },
};

function emitPolicy(policy: RetryPolicy, sticky: boolean): EnvoyRetryPolicy {
  // A request that the load balancer sticks to one endpoint would lose it if previous hosts were avoided.
  const avoidPrevious = policy.ignorePreviousHosts ?? !sticky;
  return {
    retryOn: (policy.on ?? DEFAULT_CONDITIONS).join(','),
    numRetries: uint32(policy.attempts),
    hostSelectionRetryMaxAttempts: 5,
    ...(avoidPrevious && { retryHostPredicate: [PREVIOUS_HOSTS] }),
    ...(policy.remoteLocalities && { retryPriority: PREVIOUS_PRIORITIES }),
    ...(policy.statusCodes.length > 0 && { retriableStatusCodes: policy.statusCodes }),
    ...(policy.perTryTimeout !== undefined && { perTryTimeout: duration(policy.perTryTimeout) }),
    ...(policy.backoff && { retryBackOff: { baseInterval: duration(policy.backoff) } }),
  };
}
