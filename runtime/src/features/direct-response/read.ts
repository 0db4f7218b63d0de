import type { VirtualServiceSpecHttpDirectResponseBody } from '../../../../imports/istio/virtual-service.types';
import { attach } from '../../model/attachment';
import { STATUS, readNumber } from '../number-range';
import type { Reader } from '../reader';
import { directResponse } from './model';

export const directResponseReader: Reader = {
  answers: (rule) => rule.get(directResponse) !== undefined,

  rule(spec, place) {
    const status = readNumber(spec.directResponse?.status, STATUS, place.at('directResponse').at('status'));
    return status === undefined ? [] : [attach(directResponse, { status, body: readBody(spec.directResponse?.body) })];
  },
};

function readBody(spec: VirtualServiceSpecHttpDirectResponseBody | undefined): string | Uint8Array | undefined {
  return spec?.bytes === undefined ? spec?.string : Uint8Array.from(Buffer.from(spec.bytes, 'base64'));
}
