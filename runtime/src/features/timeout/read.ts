import { attach } from '../../model/attachment';
import { readDuration } from '../duration';
import type { Reader } from '../reader';
import { timeout } from './model';

export const timeoutReader: Reader = {
  rule(spec, place) {
    const duration = readDuration(spec.timeout, place.at('timeout'));
    return duration === undefined ? [] : [attach(timeout, duration)];
  },
};
