import type { VirtualServiceSpecHttp } from '../../../../imports/istio/virtual-service.types';
import { attach } from '../../model/attachment';
import { readDestination } from '../destination';
import { PERCENT, readNumber } from '../number-range';
import type { Reader } from '../reader';
import type { Mirror } from './model';
import { mirrors } from './model';

export const mirrorReader: Reader = {
  rule(spec, place, namespace) {
    const some = readMirrors(spec, namespace).filter((one) => (readNumber(one.percent, PERCENT, place.at('mirrors')) ?? 0) > 0);
    return some.length > 0 ? [attach(mirrors, some)] : [];
  },

  destinations: (spec, namespace) => readMirrors(spec, namespace).map((one) => one.destination),
};

function readMirrors(spec: VirtualServiceSpecHttp, namespace: string): Mirror[] {
  const single = spec.mirror ? [{ destination: readDestination(spec.mirror, namespace), percent: readPercent(spec) }] : [];
  const several = (spec.mirrors ?? []).map(({ destination, percentage }) => ({
    destination: readDestination(destination, namespace),
    percent: percentage ? percentage.value ?? 0 : 100,
  }));
  return [...single, ...several];
}

/** Three spellings of one number have piled up; the newest wins, and without any of them everything is copied. */
function readPercent(spec: VirtualServiceSpecHttp): number {
  return spec.mirrorPercentage ? spec.mirrorPercentage.value ?? 0 : spec.mirrorPercent ?? spec.mirror_percent ?? 100;
}
