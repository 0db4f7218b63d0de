import type { VirtualServiceSpecHttpDirectResponseBody } from '../../../../imports/istio/virtual-service.types';
import { attach } from '../../model/attachment';
import type { Reader } from '../reader';
import { directResponse } from './model';

export const directResponseReader: Reader = {
  rule(spec) {
    return spec.directResponse ? [attach(directResponse, { status: spec.directResponse.status, body: readBody(spec.directResponse.body) })] : [];
  },
};

function readBody(spec: VirtualServiceSpecHttpDirectResponseBody | undefined): string | Uint8Array | undefined {
  return spec?.bytes === undefined ? spec?.string : Uint8Array.from(Buffer.from(spec.bytes, 'base64'));
}
