import type {
  DestinationRuleSpecTrafficPolicyLoadBalancer as Spec,
  DestinationRuleSpecTrafficPolicyLoadBalancerConsistentHash as HashSpec,
} from '../../../../imports/istio/destination-rule.types';
import { attach } from '../../model/attachment';
import { readDuration } from '../duration';
import type { Place } from '../../model/place';
import type { Reader } from '../reader';
import type { Algorithm, HashKey, LoadBalancer } from './model';
import { loadBalancer } from './model';

const SIMPLE: Readonly<Record<string, Algorithm>> = {
  LEAST_CONN: 'LEAST_REQUEST', LEAST_REQUEST: 'LEAST_REQUEST', ROUND_ROBIN: 'ROUND_ROBIN', RANDOM: 'RANDOM', PASSTHROUGH: 'PASSTHROUGH',
};

export const loadBalancerReader: Reader = {
  policy(spec, place) {
    return spec.loadBalancer ? [attach(loadBalancer, readLoadBalancer(spec.loadBalancer, place.at('loadBalancer')))] : [];
  },
};

function readLoadBalancer(spec: Spec, place: Place): LoadBalancer {
  const hash = spec.consistentHash && readHash(spec.consistentHash, place.at('consistentHash'));
  if (hash) {
    return {
      algorithm: spec.consistentHash?.maglev ? 'MAGLEV' : 'RING_HASH',
      hash,
      minimumRingSize: spec.consistentHash?.ringHash?.minimumRingSize ?? spec.consistentHash?.minimumRingSize,
      tableSize: spec.consistentHash?.maglev?.tableSize,
    };
  }
  return { algorithm: SIMPLE[spec.simple ?? ''] ?? 'LEAST_REQUEST', warmup: readWarmup(spec, place) };
}

function readHash(spec: HashSpec, place: Place): HashKey | undefined {
  if (spec.httpHeaderName) {
    return { kind: 'header', name: spec.httpHeaderName };
  }
  if (spec.httpQueryParameterName) {
    return { kind: 'query', name: spec.httpQueryParameterName };
  }
  if (spec.httpCookie) {
    const { name, path, ttl, attributes } = spec.httpCookie;
    return {
      kind: 'cookie', name, path,
      ttl: readDuration(ttl, place.at('httpCookie').at('ttl')),
      attributes: (attributes ?? []).map((attribute) => ({ name: attribute.name, value: attribute.value ?? '' })),
    };
  }
  if (spec.useSourceIp) {
    return { kind: 'source-ip' };
  }
  place.problem('names nothing of the request to hash: set httpHeaderName, httpCookie, httpQueryParameterName or useSourceIp');
  return undefined;
}

function readWarmup(spec: Spec, place: Place): LoadBalancer['warmup'] {
  const duration = readDuration(spec.warmup?.duration, place.at('warmup').at('duration'))
    ?? readDuration(spec.warmupDurationSecs, place.at('warmupDurationSecs'));
  return duration === undefined
    ? undefined
    : { duration, minimumPercent: spec.warmup?.minimumPercent, aggression: spec.warmup?.aggression };
}
