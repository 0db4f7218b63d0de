import type { VirtualServiceSpecHttpFault } from '../../../../imports/istio/virtual-service.types';
import { attach } from '../../model/attachment';
import { readDuration } from '../duration';
import type { Place } from '../../model/place';
import { PERCENT, STATUS, readNumber } from '../number-range';
import type { Reader } from '../reader';
import type { Fault } from './model';
import { fault } from './model';

/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const GRPC_STATUSES = [
  'OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED', 'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED',
];

export const faultReader: Reader = {
  rule(spec, place) {
    if (!spec.fault) {
      return [];
    }
    const value: Fault = { delay: readDelay(spec.fault, place.at('fault')), abort: readAbort(spec.fault, place.at('fault')) };
    return value.delay || value.abort ? [attach(fault, value)] : [];
  },
};

function readDelay(spec: VirtualServiceSpecHttpFault, place: Place): Fault['delay'] {
  const duration = readDuration(spec.delay?.fixedDelay, place.at('delay').at('fixedDelay'));
  // The deprecated integer `percent` still counts where `percentage` is not given, as in Istio; without both, nothing is delayed.
  const percent = readNumber(spec.delay?.percentage?.value ?? spec.delay?.percent, PERCENT, place.at('delay').at('percentage').at('value'));
  return duration ? { percent: percent ?? 0, duration } : undefined;
}

function readAbort(spec: VirtualServiceSpecHttpFault, place: Place): Fault['abort'] {
  if (!spec.abort) {
    return undefined;
  }
  const percent = readNumber(spec.abort.percentage?.value, PERCENT, place.at('abort').at('percentage').at('value')) ?? 0;
  if (spec.abort.httpStatus !== undefined) {
    const httpStatus = readNumber(spec.abort.httpStatus, STATUS, place.at('abort').at('httpStatus'));
    return httpStatus === undefined ? undefined : { percent, httpStatus };
  }
  if (spec.abort.grpcStatus === undefined) {
    return undefined;
  }
  const grpcStatus = GRPC_STATUSES.indexOf(spec.abort.grpcStatus.toUpperCase());
  if (grpcStatus < 0) {
    place.at('abort').at('grpcStatus').problem(`'${spec.abort.grpcStatus}' is no gRPC status: use one of ${GRPC_STATUSES.join(', ')}`);
    return undefined;
  }
  return { percent, grpcStatus };
}
