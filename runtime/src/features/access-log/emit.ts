import type { AccessLog, SubstitutionFormatString } from '../../envoy';
import { any, struct } from '../../envoy';
import type { MeshSettings } from '../../model/mesh';
import { parseJsonFormat } from '../access-log-format';
import type { Emitter } from '../emitter';

/** https://istio.io/latest/docs/tasks/observability/logs/access-log/#default-access-log-format */
const FORMAT = '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% '
  + '%RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% '
  + '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" '
  + '"%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% '
  + '%REQUESTED_SERVER_NAME% %ROUTE_NAME%\n';

/** The same values by name, as Istio names them. */
const JSON_FORMAT: Readonly<Record<string, unknown>> = {
  start_time: '%START_TIME%',
  method: '%REQ(:METHOD)%',
  path: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
  protocol: '%PROTOCOL%',
  response_code: '%RESPONSE_CODE%',
  response_flags: '%RESPONSE_FLAGS%',
  response_code_details: '%RESPONSE_CODE_DETAILS%',
  connection_termination_details: '%CONNECTION_TERMINATION_DETAILS%',
  upstream_transport_failure_reason: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
  bytes_received: '%BYTES_RECEIVED%',
  bytes_sent: '%BYTES_SENT%',
  duration: '%DURATION%',
  upstream_service_time: '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%',
  x_forwarded_for: '%REQ(X-FORWARDED-FOR)%',
  user_agent: '%REQ(USER-AGENT)%',
  request_id: '%REQ(X-REQUEST-ID)%',
  authority: '%REQ(:AUTHORITY)%',
  upstream_host: '%UPSTREAM_HOST%',
  upstream_cluster: '%UPSTREAM_CLUSTER_RAW%',
  upstream_local_address: '%UPSTREAM_LOCAL_ADDRESS%',
  downstream_local_address: '%DOWNSTREAM_LOCAL_ADDRESS%',
  downstream_remote_address: '%DOWNSTREAM_REMOTE_ADDRESS%',
  requested_server_name: '%REQUESTED_SERVER_NAME%',
  route_name: '%ROUTE_NAME%',
};

export const accessLogEmitter: Emitter = {
  accessLog(settings, of) {
    if (settings.accessLogFile === '') {
      return [];
    }
    if (of === 'requests') {
      return [emitFile(settings)];
    }
    return settings.listenerLog ? [{ ...emitFile(settings), filter: { responseFlagFilter: { flags: ['NR'] } } }] : [];
  },
};

function emitFile(settings: MeshSettings): AccessLog {
  const logFormat = emitFormat(settings);
  // Standard output may be a socket, which cannot be opened by its path.
  return settings.accessLogFile === '/dev/stdout'
    ? { name: 'envoy.access_loggers.stdout', typedConfig: any('StdoutAccessLog', { logFormat }) }
    : { name: 'envoy.access_loggers.file', typedConfig: any('FileAccessLog', { path: settings.accessLogFile, logFormat }) };
}

function emitFormat({ accessLogFormat, accessLogEncoding }: MeshSettings): SubstitutionFormatString {
  if (accessLogEncoding === 'JSON') {
    return { jsonFormat: struct((accessLogFormat && parseJsonFormat(accessLogFormat)) || JSON_FORMAT) };
  }
  const format = accessLogFormat ?? FORMAT;
  return { textFormatSource: { inlineString: format.endsWith('\n') ? format : `${format}\n` } };
}
