import type { Place } from '../model/place';

const BREAKS_A_LINE = /[\0\r\n]/;

/** Commands of Envoy's format strings that take no argument; https://www.envoyproxy.io/docs/envoy/latest/configuration/advanced/substitution_formatter */
const PLAIN_COMMANDS: ReadonlySet<string> = new Set([
  'START_TIME', 'PROTOCOL', 'RESPONSE_CODE', 'RESPONSE_CODE_DETAILS', 'RESPONSE_FLAGS', 'ROUTE_NAME', 'VIRTUAL_CLUSTER_NAME', 'HOSTNAME', 'DURATION',
  'BYTES_RECEIVED', 'BYTES_SENT', 'UPSTREAM_HOST', 'UPSTREAM_CLUSTER', 'UPSTREAM_CLUSTER_RAW', 'UPSTREAM_LOCAL_ADDRESS', 'UPSTREAM_REMOTE_ADDRESS',
  'UPSTREAM_TRANSPORT_FAILURE_REASON', 'UPSTREAM_REQUEST_ATTEMPT_COUNT', 'REQUESTED_SERVER_NAME', 'CONNECTION_ID', 'STREAM_ID',
  'DOWNSTREAM_REMOTE_ADDRESS', 'DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT', 'DOWNSTREAM_REMOTE_PORT', 'DOWNSTREAM_LOCAL_ADDRESS',
  'DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT', 'DOWNSTREAM_LOCAL_PORT', 'DOWNSTREAM_DIRECT_REMOTE_ADDRESS',
  'DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT', 'DOWNSTREAM_PEER_URI_SAN', 'DOWNSTREAM_LOCAL_URI_SAN', 'DOWNSTREAM_PEER_SUBJECT',
  'DOWNSTREAM_PEER_ISSUER', 'DOWNSTREAM_LOCAL_SUBJECT', 'DOWNSTREAM_PEER_FINGERPRINT_256', 'DOWNSTREAM_PEER_SERIAL', 'DOWNSTREAM_PEER_CERT',
  'DOWNSTREAM_TLS_VERSION', 'DOWNSTREAM_TLS_CIPHER', 'DOWNSTREAM_TLS_SESSION_ID',
]);
const COMMANDS_OF_SOMETHING: ReadonlySet<string> = new Set(['REQ', 'RESP', 'TRAILER', 'ENVIRONMENT', 'DYNAMIC_METADATA', 'UPSTREAM_METADATA']);
const COMMAND = /%(?:%|([A-Z0-9_]+)(\([A-Za-z0-9_:.?-]+\))?(?::\d{1,6})?%)/y;

/** A text that goes into one line of HTTP; undefined where it would break it. */
export function readLine(text: string | undefined, place: Place): string | undefined {
  if (text === undefined || text === '') {
    return undefined;
  }
  if (BREAKS_A_LINE.test(text)) {
    place.problem('holds a line break or a zero byte, which has no place in HTTP: it is left out');
    return undefined;
  }
  return text;
}

/** Whether a header can be called so. */
export function readHeaderName(name: string, place: Place): string | undefined {
  if (name === '') {
    place.problem('has a header without a name: it is left out');
    return undefined;
  }
  return readLine(name, place);
}

/** A value that Envoy can format: percent signs begin commands. One that it cannot read would cost the whole route table. */
export function readHeaderValue(value: string, place: Place): string | undefined {
  if (value === '') {
    return value;
  }
  const wrong = wrongCommand(value);
  if (wrong !== undefined) {
    place.problem(`'${value}' has a percent sign at ${wrong} that begins none of Envoy's commands: write %% for a percent sign; the header is left out`);
    return undefined;
  }
  return readLine(value, place);
}

/** Those of access logs alone; names of families end with an underscore. */
const LOG_COMMANDS: readonly string[] = [
  'CONNECTION_TERMINATION_DETAILS', 'GRPC_STATUS', 'FILTER_STATE', 'METADATA', 'CEL', 'EMIT_TIME', 'REQ_WITHOUT_QUERY', 'UNIQUE_ID', 'TRACE_ID', 'SPAN_ID', 'CUSTOM_FLAGS', 'REQUEST_', 'RESPONSE_',
  'DOWNSTREAM_', 'UPSTREAM_', 'CLUSTER_METADATA', 'ROUTE_METADATA', 'PATH', 'QUERY_PARAM', 'FILTER_CHAIN_NAME', 'ACCESS_LOG_TYPE', 'LOCAL_REPLY_BODY', 'COMMON_DURATION', 'BYTES_', 'TLS_',
];

function isLogCommand(name: string): boolean {
  return PLAIN_COMMANDS.has(name) || COMMANDS_OF_SOMETHING.has(name) || LOG_COMMANDS.some((known) => name === known || (known.endsWith('_') && name.startsWith(known)));
}

/** A line of an access log, which has more commands than headers have. */
export function readLogFormat(format: string | undefined, place: Place): string | undefined {
  const rest = format?.replace(/%(?:%|([A-Z0-9_]+)(?:\([^)]*\))?(?::\d{1,6})?%)/g, (whole, name?: string) => (name && !isLogCommand(name) ? whole : ''));
  if (rest?.includes('%')) {
    place.problem(`'${format}' has a percent sign that begins no command, such as %RESPONSE_CODE%: write %% for a percent sign; the default format is used`);
    return undefined;
  }
  return format || undefined;
}

/** Where the first percent sign stands that is no command. */
function wrongCommand(value: string): number | undefined {
  for (let at = value.indexOf('%'); at >= 0; at = value.indexOf('%', COMMAND.lastIndex)) {
    COMMAND.lastIndex = at;
    const [whole, name, argument] = COMMAND.exec(value) ?? [];
    if (whole === undefined || (name !== undefined && !(argument ? COMMANDS_OF_SOMETHING : PLAIN_COMMANDS).has(name))) {
      return at + 1;
    }
  }
  return undefined;
}

/** The name of a header by the letter of RFC 9110 5.1; Envoy refuses the whole listener for another. */
export function readHeaderToken(name: string, place: Place): string | undefined {
  if (/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) {
    return name;
  }
  place.problem(`'${name}' is no name of a header: letters, digits and dashes make one; it is left out`);
  return undefined;
}
