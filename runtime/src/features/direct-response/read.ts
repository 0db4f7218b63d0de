import type { VirtualServiceSpecHttpDirectResponseBody } from '../../../../imports/istio/virtual-service.types';
import { attach } from '../../model/attachment';
import type { Place } from '../../model/place';
import { STATUS, readNumber } from '../number-range';
import type { Reader } from '../reader';
import { directResponse } from './model';

export const directResponseReader: Reader = {
  answers: (rule) => rule.get(directResponse) !== undefined,

  rule(spec, place) {
    const status = readNumber(spec.directResponse?.status, STATUS, place.at('directResponse').at('status'));
    return status === undefined ? [] : [attach(directResponse, { status, body: readBody(spec.directResponse?.body, place.at('directResponse').at('body')) })];
  },
};

/** Envoy would refuse the whole route table. */
const MAX_BODY_BYTES = 1024 * 1024;

function readBody(spec: VirtualServiceSpecHttpDirectResponseBody | undefined, place: Place): string | Uint8Array | undefined {
  const body = spec?.bytes === undefined ? spec?.string : Uint8Array.from(Buffer.from(spec.bytes, 'base64'));
  const size = body === undefined ? 0 : Buffer.byteLength(body);
  if (size > MAX_BODY_BYTES) {
    place.problem(`has ${size} bytes, but proxies answer with at most ${MAX_BODY_BYTES}: it is left out; serve it from a workload`);
    return undefined;
  }
  return body;
}
