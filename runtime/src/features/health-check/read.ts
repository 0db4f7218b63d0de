import { attach } from '../../model/attachment';
import type { Place } from '../../model/place';
import { readDuration } from '../duration';
import { readNumber } from '../number-range';
import type { Reader } from '../reader';
import { healthCheck } from './model';

/** Istio has no field for this: Kubernetes probes its pods itself. On a Service or a ServiceEntry these annotations ask for it. */
const PREFIX = 'health.cdk8s-istio.dev/';
const WORDS = ['check', 'path', 'interval', 'timeout', 'unhealthy-after', 'healthy-after'];
const THRESHOLD = { min: 1, max: 100 };

export const healthCheckReader: Reader = {
  service(annotations, place) {
    const at = place.at('metadata').at('annotations');
    const given = Object.keys(annotations).filter((name) => name.startsWith(PREFIX));
    given.filter((name) => !WORDS.includes(name.slice(PREFIX.length))).forEach((name) =>
      at.at(name).problem(`is unknown: there are ${WORDS.map((word) => PREFIX + word).join(', ')}`));
    const text = (word: string): string | undefined => annotations[PREFIX + word];
    const time = (word: string, otherwise: number): number => Math.max(1, readDuration(text(word), at.at(PREFIX + word)) ?? otherwise);
    const path = readPath(text('path'), at.at(`${PREFIX}path`));
    if (!wanted(text('check'), path, at) || path === 'broken') {
      return [];
    }
    return [attach(healthCheck, {
      path,
      interval: time('interval', 5_000),
      timeout: time('timeout', 1_000),
      unhealthyAfter: count(text('unhealthy-after'), 3, at.at(`${PREFIX}unhealthy-after`)),
      healthyAfter: count(text('healthy-after'), 2, at.at(`${PREFIX}healthy-after`)),
    })];
  },
};

function wanted(check: string | undefined, path: string | undefined, place: Place): boolean {
  if (check !== undefined && !['http', 'tcp', 'none'].includes(check)) {
    place.at(`${PREFIX}check`).problem(`is '${check}', expected http, tcp or none: nothing is checked`);
    return false;
  }
  if (check === 'http' && path === undefined) {
    place.at(`${PREFIX}path`).problem('is missing: http checks need the path to ask for, such as /healthz');
    return false;
  }
  return check !== 'none' && (check !== undefined || path !== undefined);
}

function readPath(path: string | undefined, place: Place): string | undefined | 'broken' {
  if (path === undefined || /^\/[\x21-\x7e]*$/.test(path)) {
    return path;
  }
  place.problem(`is '${path}', expected a path that begins with '/': nothing is checked`);
  return 'broken';
}

function count(text: string | undefined, otherwise: number, place: Place): number {
  const number = text === undefined ? otherwise : Number(text);
  if (!Number.isInteger(number)) {
    place.problem(`is '${text}', expected a whole number: ${otherwise} is used`);
    return otherwise;
  }
  return readNumber(number, THRESHOLD, place) ?? otherwise;
}
