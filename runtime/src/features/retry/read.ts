import type { VirtualServiceSpecHttpRetries } from '../../../../imports/istio/virtual-service.types';
import { attach } from '../../model/attachment';
import { readDuration } from '../duration';
import type { Place } from '../../model/place';
import type { Reader } from '../reader';
import type { RetryPolicy } from './model';
import { retry } from './model';

/** https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on, and -grpc-on */
const CONDITIONS: ReadonlySet<string> = new Set([
  '5xx', 'gateway-error', 'reset', 'reset-before-request', 'connect-failure', 'retriable-4xx', 'refused-stream', 'retriable-status-codes', 'retriable-headers',
  'envoy-ratelimited', 'http3-post-connect-failure', 'cancelled', 'deadline-exceeded', 'internal', 'resource-exhausted', 'unavailable',
]);

export const retryReader: Reader = {
  mesh: ({ defaultHttpRetryPolicy }, place) =>
    (defaultHttpRetryPolicy ? [attach(retry, readRetries(defaultHttpRetryPolicy, place.at('defaultHttpRetryPolicy')))] : []),

  rule(spec, place) {
    return spec.retries ? [attach(retry, readRetries(spec.retries, place.at('retries')))] : [];
  },
};

function readRetries(spec: VirtualServiceSpecHttpRetries, place: Place): RetryPolicy {
  const attempts = spec.attempts ?? 0;
  if (attempts === 0 && (spec.perTryTimeout !== undefined || spec.retryOn || spec.retryRemoteLocalities !== undefined)) {
    place.at('attempts').problem('is 0, so nothing is retried and the other fields have no effect: leave them out, or say how often', 'warning');
  }
  const words = (spec.retryOn ?? '').split(',').map((word) => word.trim()).filter((word) => word !== '');
  const statusCodes = words.filter(isStatusCode).map(Number);
  const on = words.filter((word) => !isStatusCode(word));
  on.filter((word) => !CONDITIONS.has(word)).forEach((word) => place.at('retryOn').problem(
    `'${word}' is no condition that Envoy knows, so it has no effect: use a status code or some of ${[...CONDITIONS].join(', ')}`, 'warning',
  ));
  // A status code counts only under this condition; users write the code alone.
  const conditions = statusCodes.length > 0 && !on.includes('retriable-status-codes') ? [...on, 'retriable-status-codes'] : on;
  return {
    attempts,
    perTryTimeout: readDuration(spec.perTryTimeout, place.at('perTryTimeout')),
    on: words.length > 0 ? conditions : undefined,
    statusCodes,
    backoff: readDuration(spec.backoff, place.at('backoff')),
    ignorePreviousHosts: spec.retryIgnorePreviousHosts,
    remoteLocalities: spec.retryRemoteLocalities,
  };
}

function isStatusCode(word: string): boolean {
  return /^[1-5]\d\d$/.test(word);
}
