import type { VirtualServiceSpecHttpRetries } from '../../../../imports/istio/virtual-service.types';
import { attach } from '../../model/attachment';
import { readDuration } from '../duration';
import type { Place } from '../../model/place';
import type { Reader } from '../reader';
import type { RetryPolicy } from './model';
import { retry } from './model';

export const retryReader: Reader = {
  rule(spec, place) {
    return spec.retries ? [attach(retry, readRetries(spec.retries, place.at('retries')))] : [];
  },
};

function readRetries(spec: VirtualServiceSpecHttpRetries, place: Place): RetryPolicy {
  const words = (spec.retryOn ?? '').split(',').map((word) => word.trim()).filter((word) => word !== '');
  const statusCodes = words.filter(isStatusCode).map(Number);
  const on = words.filter((word) => !isStatusCode(word));
  // A status code counts only under this condition; users write the code alone.
  const conditions = statusCodes.length > 0 && !on.includes('retriable-status-codes') ? [...on, 'retriable-status-codes'] : on;
  return {
    attempts: spec.attempts ?? 0,
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
