import type { Switches } from '../model/switches';
import { DEFAULT_SWITCHES } from '../model/switches';
import { parseDuration } from '../features/duration';

/** Those that are on or off. */
type Truth = { readonly [K in keyof Switches]: Switches[K] extends boolean ? K : never }[keyof Switches];

/** Istio's names; https://istio.io/latest/docs/reference/commands/pilot-discovery/ */
const VARIABLES: Readonly<Record<Truth, string>> = {
  http10: 'PILOT_HTTP10',
  tellsCaller: 'PILOT_SIDECAR_USE_REMOTE_ADDRESS',
  mongoFilter: 'PILOT_ENABLE_MONGO_FILTER',
  redisFilter: 'PILOT_ENABLE_REDIS_FILTER',
  gatewayOwnNamespace: 'PILOT_SCOPE_GATEWAY_TO_NAMESPACE',
  mirrorSameHost: 'DISABLE_SHADOW_HOST_SUFFIX',
  severalAuthorizers: 'PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS',
  absoluteNames: 'PILOT_ENABLE_ABSOLUTE_FQDN_VHOST_DOMAIN',
};

/** What Go takes for a truth, as istiod reads it. */
const TRUTHS: Readonly<Record<string, boolean>> = Object.assign(Object.create(null), {
  '1': true, 't': true, 'T': true, 'true': true, 'TRUE': true, 'True': true, '0': false, 'f': false, 'F': false, 'false': false, 'FALSE': false, 'False': false,
});

/** Istio's two spellings of each; https://istio.io/latest/docs/reference/commands/pilot-discovery/#envvars */
const REMOTE_KEYS: Readonly<Record<string, Switches['remoteKeys']>> = Object.assign(Object.create(null), {
  istiod: 'control', false: 'control', hybrid: 'hybrid', true: 'hybrid', envoy: 'proxy',
});

/** As in Istio, nothing above zero is no limit. */
function readCount(text = ''): number | undefined {
  return /^[+-]?\d{1,9}$/.test(text) ? Math.max(0, Number(text)) : undefined;
}

/** The switches of an environment; what is none of Go's truths leaves the default. */
export function readSwitches(env: Readonly<Record<string, string | undefined>>): Switches {
  const read = (name: Truth) => TRUTHS[env[VARIABLES[name]] ?? ''] ?? DEFAULT_SWITCHES[name];
  return {
    http10: read('http10'), tellsCaller: read('tellsCaller'), mongoFilter: read('mongoFilter'), redisFilter: read('redisFilter'),
    gatewayOwnNamespace: read('gatewayOwnNamespace'), mirrorSameHost: read('mirrorSameHost'),
    severalAuthorizers: read('severalAuthorizers'), absoluteNames: read('absoluteNames'),
    remoteKeys: REMOTE_KEYS[env.PILOT_JWT_ENABLE_REMOTE_JWKS ?? ''] ?? DEFAULT_SWITCHES.remoteKeys,
    handshakeTimeout: parseDuration(env.PILOT_GATEWAY_TRANSPORT_SOCKET_CONNECT_TIMEOUT ?? '') ?? DEFAULT_SWITCHES.handshakeTimeout,
    acceptAtOnce: readCount(env.MAX_CONNECTIONS_PER_SOCKET_EVENT_LOOP) ?? DEFAULT_SWITCHES.acceptAtOnce,
  };
}
