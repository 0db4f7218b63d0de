import { readSwitches } from '../../src/compile';

test.each<[Record<string, string>, object]>([
  [{}, { http10: false, mongoFilter: true, redisFilter: false }],
  [{ PILOT_HTTP10: '1', PILOT_ENABLE_MONGO_FILTER: 'false', PILOT_ENABLE_REDIS_FILTER: 'True' }, { http10: true, mongoFilter: false, redisFilter: true }],
  [{ PILOT_HTTP10: 'yes', PILOT_ENABLE_MONGO_FILTER: 'constructor' }, { http10: false, mongoFilter: true, redisFilter: false }],
])('the environment %j switches %j', (env, expected) => {
  expect(readSwitches(env)).toEqual(expected);
});
