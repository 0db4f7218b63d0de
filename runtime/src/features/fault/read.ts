import type { VirtualServiceSpecHttpFault } from '../../../../imports/istio/virtual-service.types';
import { attach } from '../../model/attachment';
import { readDuration } from '../duration';
import type { Place } from '../../model/place';
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
  return spec.delay && duration ? { percent: spec.delay.percentage?.value ?? spec.delay.percent ?? 0, duration } : undefined;
}

function readAbort(spec: VirtualServiceSpecHttpFault, place: Place): Fault['abort'] {
  if (!spec.abort) {
    return undefined;
  }
  const percent = spec.abort.percentage?.value ?? 0;
  if (spec.abort.httpStatus !== undefined) {
    return { percent, httpStatus: spec.abort.httpStatus };
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
