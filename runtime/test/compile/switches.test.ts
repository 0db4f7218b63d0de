import { readSwitches } from '../../src/compile';
import { DEFAULT_SWITCHES } from '../../src/model/switches';

test.each<[Record<string, string>, object]>([
  [{}, { http10: false, mongoFilter: true, redisFilter: false, gatewayOwnNamespace: false, mirrorSameHost: true, severalAuthorizers: false, absoluteNames: true, remoteKeys: 'control' }],
  [{ PILOT_HTTP10: '1', PILOT_ENABLE_MONGO_FILTER: 'false', PILOT_ENABLE_REDIS_FILTER: 'True' }, { ...DEFAULT_SWITCHES, http10: true, mongoFilter: false, redisFilter: true }],
  [{ PILOT_HTTP10: 'yes', PILOT_ENABLE_MONGO_FILTER: 'constructor' }, DEFAULT_SWITCHES],
  [{ PILOT_SCOPE_GATEWAY_TO_NAMESPACE: 'true', DISABLE_SHADOW_HOST_SUFFIX: 'false' }, { ...DEFAULT_SWITCHES, gatewayOwnNamespace: true, mirrorSameHost: false }],
  [{ PILOT_ENABLE_ABSOLUTE_FQDN_VHOST_DOMAIN: 'false' }, { ...DEFAULT_SWITCHES, absoluteNames: false }],
  [{ PILOT_JWT_ENABLE_REMOTE_JWKS: 'true' }, { ...DEFAULT_SWITCHES, remoteKeys: 'hybrid' }],
  [{ PILOT_JWT_ENABLE_REMOTE_JWKS: 'envoy' }, { ...DEFAULT_SWITCHES, remoteKeys: 'proxy' }],
])('the environment %j switches %j', (env, expected) => {
  expect(readSwitches(env)).toEqual(expected);
});
