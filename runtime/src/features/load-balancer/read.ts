import type {
  DestinationRuleSpecTrafficPolicyLoadBalancer as Spec,
  DestinationRuleSpecTrafficPolicyLoadBalancerConsistentHash as HashSpec,
} from '../../../../imports/istio/destination-rule.types';
import { attach } from '../../model/attachment';
import { readDuration } from '../duration';
import type { Place } from '../../model/place';
import { readHeaderName } from '../header-format';
import { readCount } from '../number-range';
import type { Reader } from '../reader';
import type { Algorithm, HashKey, LoadBalancer } from './model';
import { loadBalancer } from './model';

const SIMPLE: Readonly<Record<string, Algorithm>> = {
  LEAST_CONN: 'LEAST_REQUEST', LEAST_REQUEST: 'LEAST_REQUEST', ROUND_ROBIN: 'ROUND_ROBIN', RANDOM: 'RANDOM', PASSTHROUGH: 'PASSTHROUGH',
};

/** Envoy's limits. */
const MAX_RING_SIZE = 8 * 1024 * 1024;
const MAX_TABLE_SIZE = 5_000_011;

export const loadBalancerReader: Reader = {
  policy(spec, place) {
    return spec.loadBalancer ? [attach(loadBalancer, readLoadBalancer(spec.loadBalancer, place.at('loadBalancer')))] : [];
  },
};

function readLoadBalancer(spec: Spec, place: Place): LoadBalancer {
  const at = place.at('consistentHash');
  const hash = spec.consistentHash && readHash(spec.consistentHash, at);
  if (hash) {
    return {
      algorithm: spec.consistentHash?.maglev ? 'MAGLEV' : 'RING_HASH',
      hash,
      minimumRingSize: readCount(
        spec.consistentHash?.ringHash?.minimumRingSize ?? spec.consistentHash?.minimumRingSize, at.at('minimumRingSize'), MAX_RING_SIZE,
      ),
      tableSize: readTableSize(spec.consistentHash?.maglev?.tableSize, at.at('maglev').at('tableSize')),
    };
  }
  return { algorithm: SIMPLE[spec.simple ?? ''] ?? 'LEAST_REQUEST', warmup: readWarmup(spec, place) };
}

function readHash(spec: HashSpec, place: Place): HashKey | undefined {
  if (spec.httpHeaderName) {
    const name = readHeaderName(spec.httpHeaderName, place.at('httpHeaderName'));
    return name === undefined ? undefined : { kind: 'header', name };
  }
  if (spec.httpQueryParameterName) {
    return { kind: 'query', name: spec.httpQueryParameterName };
  }
  if (spec.httpCookie?.name) {
    const at = place.at('httpCookie');
    const { name, path, ttl } = spec.httpCookie;
    return isInHeader(name, at.at('name')) ? {
      kind: 'cookie', name,
      path: isInHeader(path, at.at('path')) ? path : undefined,
      ttl: readDuration(ttl, at.at('ttl')),
      attributes: readAttributes(spec.httpCookie.attributes ?? [], at.at('attributes')),
    } : undefined;
  }
  if (spec.useSourceIp) {
    return { kind: 'source-ip' };
  }
  place.problem('names nothing of the request to hash: set httpHeaderName, httpCookie, httpQueryParameterName or useSourceIp');
  return undefined;
}

/** Maglev's table must have a prime number of entries; https://research.google/pubs/pub44824/ section 3.4 */
function readTableSize(value: number | undefined, place: Place): number | undefined {
  const size = readCount(value, place, MAX_TABLE_SIZE);
  if (size !== undefined && !isPrime(size)) {
    place.problem(`is ${size}, but must be a prime number, such as 65537: the default is used`);
    return undefined;
  }
  return size;
}

function isPrime(value: number): boolean {
  for (let divisor = 2; divisor * divisor <= value; divisor++) {
    if (value % divisor === 0) {
      return false;
    }
  }
  return value > 1;
}

function readWarmup(spec: Spec, place: Place): LoadBalancer['warmup'] {
  const duration = readDuration(spec.warmup?.duration, place.at('warmup').at('duration'))
    ?? readDuration(spec.warmupDurationSecs, place.at('warmupDurationSecs'));
  return duration === undefined
    ? undefined
    : { duration, minimumPercent: spec.warmup?.minimumPercent, aggression: spec.warmup?.aggression };
}

function readAttributes(attributes: readonly { readonly name?: string; readonly value?: string }[], place: Place): { name: string; value: string }[] {
  return attributes.flatMap(({ name = '', value = '' }, i) =>
    (name !== '' && isInHeader(name, place.at(i).at('name')) && isInHeader(value, place.at(i).at('value')) ? [{ name, value }] : []));
}

/** Cookies go as headers, which end with their line. */
function isInHeader(text: string | undefined, place: Place): boolean {
  const ends = /[\0\r\n]/.test(text ?? '');
  if (ends) {
    place.problem(`${JSON.stringify(text)} cannot stand in a header: write one line; it is left out`);
  }
  return !ends;
}
