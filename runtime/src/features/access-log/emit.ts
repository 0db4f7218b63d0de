import type { AccessLog } from '../../envoy';
import { any } from '../../envoy';
import type { MeshSettings } from '../../model/mesh';
import type { Emitter } from '../emitter';

/** https://istio.io/latest/docs/tasks/observability/logs/access-log/#default-access-log-format */
const FORMAT = '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% '
  + '%RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% '
  + '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" '
  + '"%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% '
  + '%REQUESTED_SERVER_NAME% %ROUTE_NAME%\n';

export const accessLogEmitter: Emitter = {
  accessLog(settings, of) {
    return of === 'refused' ? [{ ...emitFile(settings), filter: { responseFlagFilter: { flags: ['NR'] } } }] : [emitFile(settings)];
  },
};

function emitFile(settings: MeshSettings): AccessLog {
  const format = settings.accessLogFormat ?? FORMAT;
  const logFormat = { textFormatSource: { inlineString: format.endsWith('\n') ? format : `${format}\n` } };
  // Standard output may be a socket, which cannot be opened by its path.
  return settings.accessLogFile === '/dev/stdout'
    ? { name: 'envoy.access_loggers.stdout', typedConfig: any('StdoutAccessLog', { logFormat }) }
    : { name: 'envoy.access_loggers.file', typedConfig: any('FileAccessLog', { path: settings.accessLogFile, logFormat }) };
}
