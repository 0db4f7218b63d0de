import { readSwitches } from '../../src/compile';
import { DEFAULT_SWITCHES } from '../../src/model/switches';

test.each<[Record<string, string>, object]>([
  [{}, {
    http10: false, tellsCaller: false, mongoFilter: true, redisFilter: false, gatewayOwnNamespace: false, mirrorSameHost: true, severalAuthorizers: false, absoluteNames: true, remoteKeys: 'control',
    handshakeTimeout: 15_000, acceptAtOnce: 1,
  }],
  [{ PILOT_HTTP10: '1', PILOT_ENABLE_MONGO_FILTER: 'false', PILOT_ENABLE_REDIS_FILTER: 'True' }, { ...DEFAULT_SWITCHES, http10: true, mongoFilter: false, redisFilter: true }],
  [{ PILOT_HTTP10: 'yes', PILOT_ENABLE_MONGO_FILTER: 'constructor' }, DEFAULT_SWITCHES],
  [{ PILOT_SCOPE_GATEWAY_TO_NAMESPACE: 'true', DISABLE_SHADOW_HOST_SUFFIX: 'false' }, { ...DEFAULT_SWITCHES, gatewayOwnNamespace: true, mirrorSameHost: false }],
  [{ PILOT_ENABLE_ABSOLUTE_FQDN_VHOST_DOMAIN: 'false' }, { ...DEFAULT_SWITCHES, absoluteNames: false }],
  [{ PILOT_SIDECAR_USE_REMOTE_ADDRESS: 'true', PILOT_GATEWAY_TRANSPORT_SOCKET_CONNECT_TIMEOUT: '1m30s' }, { ...DEFAULT_SWITCHES, tellsCaller: true, handshakeTimeout: 90_000 }],
  [{ PILOT_GATEWAY_TRANSPORT_SOCKET_CONNECT_TIMEOUT: '0s', MAX_CONNECTIONS_PER_SOCKET_EVENT_LOOP: '0' }, { ...DEFAULT_SWITCHES, handshakeTimeout: 0, acceptAtOnce: 0 }],
  [{ PILOT_GATEWAY_TRANSPORT_SOCKET_CONNECT_TIMEOUT: '15', MAX_CONNECTIONS_PER_SOCKET_EVENT_LOOP: 'many' }, DEFAULT_SWITCHES],
  [{ PILOT_JWT_ENABLE_REMOTE_JWKS: 'true' }, { ...DEFAULT_SWITCHES, remoteKeys: 'hybrid' }],
  [{ PILOT_JWT_ENABLE_REMOTE_JWKS: 'envoy' }, { ...DEFAULT_SWITCHES, remoteKeys: 'proxy' }],
])('the environment %j switches %j', (env, expected) => {
  expect(readSwitches(env)).toEqual(expected);
});
