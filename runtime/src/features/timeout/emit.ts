import { duration } from '../../envoy';
import type { Emitter } from '../emitter';
import { timeout } from './model';

export const timeoutEmitter: Emitter = {
  // Envoy's own default is 15 s; Istio's is none. Without a limit for the `grpc-timeout` header, Envoy would not look at it at all. The limit
  // is the deprecated field, as in Istio: with `maxStreamDuration` Envoy takes no notice of `timeout` (FilterUtility::finalTimeout).
  action(rule) {
    const limit = duration(rule.features.get(timeout) ?? 0);
    return { timeout: limit, maxGrpcTimeout: limit };
  },
};
