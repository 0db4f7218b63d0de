import { generateKeyPairSync } from 'node:crypto';
import { isSecret, parseKeySet } from '../../src/model/json-web-key';
import { TestIssuer } from '../jwt/test-issuer';

const EC = new TestIssuer('a').publicKeys.keys[0] ?? {};
const RSA = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
const ED = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
const KOBLITZ = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' });

// Tried with Envoy 1.40: it refuses a set in which it finds no key.
test.each<[string, unknown, number]>([
  ['EC', EC, 1], ['RSA', RSA, 1], ['RSA for encryption', { ...RSA, alg: 'RSA-OAEP' }, 1], ['Ed25519', ED, 1], ['a secret', { kty: 'oct', k: 'c2VjcmV0' }, 1],
  ['a curve that nobody uses', KOBLITZ, 0], ['another algorithm than the curve has', { ...EC, alg: 'ES384' }, 0], ['a point that is on no curve', { ...EC, x: EC.y }, 0],
  ['a tiny modulus', { kty: 'RSA', n: 'AQAB', e: 'AQAB' }, 0], ['an empty secret', { kty: 'oct', k: '' }, 0], ['no kind', {}, 0], ['no object', 'x', 0], ['null', null, 0],
])('of a set with %s it takes what Envoy takes', (_name, key, count) => {
  expect(parseKeySet(JSON.stringify({ keys: [key] }))).toHaveLength(count);
  expect(parseKeySet(JSON.stringify({ keys: [key, EC] }))).toHaveLength(count + 1);
});

test.each(['', 'x', '[]', '{}', '{"keys":{}}', 'null'])('%j is no set', (text) => {
  expect(parseKeySet(text)).toEqual([]);
});

test('private keys are told apart', () => {
  expect([EC, { ...EC, d: 'x' }, { kty: 'oct', k: 'x' }].map(isSecret)).toEqual([false, true, true]);
});
