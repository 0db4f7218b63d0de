import {
  constants, createHmac, createPublicKey, generateKeyPairSync, sign, type JsonWebKey, type KeyObject, type SignKeyObjectInput,
} from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalMesh } from '../../src/engine/local-mesh';
import { callFrom, get, startMesh } from '../engine/test-mesh';

jest.setTimeout(120_000);

const ISSUER = 'https://issuer.example.com';
const NOW = Math.floor(Date.now() / 1000);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
/** Nobody trusts these. */
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const otherEc = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const jwk = (key: KeyObject, kid: string): JsonWebKey => ({ ...key.export({ format: 'jwk' }), kid });
const JWKS = { keys: [jwk(rsa.publicKey, 'rsa'), jwk(ec.publicKey, 'ec'), jwk(ed.publicKey, 'ed')] };

const CLAIMS = { iss: ISSUER, sub: 'alice', aud: 'web', exp: NOW + 3600, groups: ['a', 'b'] };
const encode = (part: unknown): string => Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

type Algorithm = 'RS256' | 'RS512' | 'PS256' | 'ES256' | 'EdDSA';
const SIGNERS: Readonly<Record<Algorithm, (text: Buffer, key: KeyObject) => Buffer>> = {
  RS256: (text, key) => sign('sha256', text, key),
  RS512: (text, key) => sign('sha512', text, key),
  PS256: (text, key) => sign('sha256', text, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } as SignKeyObjectInput),
  ES256: (text, key) => sign('sha256', text, { key, dsaEncoding: 'ieee-p1363' }),
  EdDSA: (text, key) => sign(null, text, key),
};

interface Wish {
  readonly claims?: object;
  readonly header?: object;
  readonly alg?: Algorithm;
  readonly kid?: string | undefined;
  readonly key?: KeyObject;
}

function token({ claims = {}, header = {}, alg = 'RS256', kid = 'rsa', key = rsa.privateKey }: Wish = {}): string {
  const text = `${encode({ alg, kid, typ: 'JWT', ...header })}.${encode({ ...CLAIMS, ...claims })}`;
  return `${text}.${SIGNERS[alg](Buffer.from(text), key).toString('base64url')}`;
}

function without(claim: keyof typeof CLAIMS): string {
  return token({ claims: { [claim]: undefined } });
}

/** A token that is signed with what everybody knows. */
function confused(secret: string | Buffer, kid = 'rsa'): string {
  const text = `${encode({ alg: 'HS256', kid, typ: 'JWT' })}.${encode(CLAIMS)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

const GOOD = token();
const [HEADER = '', PAYLOAD = '', SIGNATURE = ''] = GOOD.split('.');
const pem = createPublicKey({ key: JWKS.keys[0] as JsonWebKey, format: 'jwk' }).export({ type: 'spki', format: 'pem' }) as string;

const MANIFEST = `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ name: http, port: 8000 }, { name: http-closed, port: 8001 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: web, image: example/web, ports: [{ containerPort: 8000 }, { containerPort: 8001 }] }] } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: client }
spec:
  selector: { matchLabels: { app: client } }
  template: { metadata: { labels: { app: client } }, spec: { containers: [{ name: client, image: example/client }] } }
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: users }
spec:
  selector: { matchLabels: { app: web } }
  jwtRules:
    - issuer: ${ISSUER}
      audiences: [web, shop]
      jwks: '${JSON.stringify(JWKS)}'
      outputClaimToHeaders: [{ header: x-user, claim: sub }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: known }
spec:
  selector: { matchLabels: { app: web } }
  rules:
    - to: [{ operation: { ports: ['8000'] } }]
    - from: [{ source: { requestPrincipals: ['${ISSUER}/*'] } }]
      to: [{ operation: { ports: ['8001'] } }]
      when: [{ key: 'request.auth.claims[groups]', values: [b] }]
`;

let mesh: LocalMesh;
const folder = mkdtempSync(join(tmpdir(), 'tokens-'));

beforeAll(async () => {
  const file = join(folder, 'in.yaml');
  writeFileSync(file, MANIFEST);
  mesh = await startMesh([file]);
});

afterAll(async () => {
  await mesh?.close();
  rmSync(folder, { recursive: true });
});

async function ask(headers: Readonly<Record<string, string>>, { port = 8000, path = '/' } = {}) {
  const [answer] = await callFrom(mesh, 'client', get(`http://web:${port}${path}`, { headers }));
  return { status: answer?.status ?? answer?.error, body: String(answer?.body ?? ''), served: answer?.headers['x-served-by'] !== undefined };
}

const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

test.each<[string, string]>([
  ['RS256', GOOD], ['RS512', token({ alg: 'RS512' })], ['PS256', token({ alg: 'PS256' })], ['ES256', token({ alg: 'ES256', kid: 'ec', key: ec.privateKey })],
  ['EdDSA', token({ alg: 'EdDSA', kid: 'ed', key: ed.privateKey })], ['no key named', token({ header: { kid: undefined } })],
  ['several audiences', token({ claims: { aud: ['elsewhere', 'shop'] } })], ['expired a moment ago, as clocks differ', token({ claims: { exp: NOW - 20 } })],
  ['no end', without('exp')],
])('%s: the token is good', async (_name, text) => {
  const { status, body } = await ask(bearer(text));
  expect([status, body.includes('"x-user": "alice"')]).toEqual([200, true]);
});

test.each<[string, string, number, string]>([
  ['expired', token({ claims: { exp: NOW - 3600 } }), 401, 'Jwt is expired'],
  ['not yet valid', token({ claims: { nbf: NOW + 3600 } }), 401, 'Jwt not yet valid'],
  ['of another issuer', token({ claims: { iss: 'https://other.example.com' } }), 401, 'Jwt issuer is not configured'],
  ['of an issuer with more in its name', token({ claims: { iss: `${ISSUER}/` } }), 401, 'Jwt issuer is not configured'],
  ['without an issuer', without('iss'), 401, 'Jwt issuer is not configured'],
  ['for others', token({ claims: { aud: 'elsewhere' } }), 403, 'Audiences in Jwt are not allowed'],
  ['for nobody', without('aud'), 403, 'Audiences in Jwt are not allowed'],
  ['signed with another RSA key', token({ key: otherRsa.privateKey }), 401, 'Jwt verification fails'],
  ['signed with another EC key', token({ alg: 'ES256', kid: 'ec', key: otherEc.privateKey }), 401, 'Jwt verification fails'],
  ['of a key that nobody has', token({ kid: 'none', key: otherRsa.privateKey }), 401, "Jwks doesn't have key to match kid or alg from Jwt"],
  ['that says the key of another kind', token({ kid: 'ec' }), 401, 'Jwt verification fails'],
  ['unsigned: alg none', `${encode({ alg: 'none', typ: 'JWT' })}.${PAYLOAD}.`, 401, 'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections'],
  ['unsigned: alg None, with a signature', `${encode({ alg: 'None', kid: 'rsa' })}.${PAYLOAD}.${SIGNATURE}`, 401, 'Jwt header [alg] is not supported'],
  ['signed with the public key as a secret, as PEM', confused(pem), 401, 'Jwt verification fails'],
  ['signed with the public key as a secret, as JWK', confused(JSON.stringify(JWKS.keys[0])), 401, 'Jwt verification fails'],
  ['signed with the modulus as a secret', confused(Buffer.from(String(JWKS.keys[0]?.n), 'base64url')), 401, 'Jwt verification fails'],
  ['signed with a key that it brings along', token({ key: otherRsa.privateKey, kid: 'own', header: { jwk: jwk(otherRsa.publicKey, 'own') } }), 401, "Jwks doesn't have key to match kid or alg from Jwt"],
  ['whose claims were changed', `${HEADER}.${encode({ ...CLAIMS, sub: 'root' })}.${SIGNATURE}`, 401, 'Jwt verification fails'],
  ['whose signature was cut', GOOD.slice(0, -20), 401, 'Jwt verification fails'],
  ['without a signature', `${HEADER}.${PAYLOAD}.`, 401, 'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections'],
  ['without alg', `${encode({ kid: 'rsa' })}.${PAYLOAD}.${SIGNATURE}`, 401, 'Jwt header [alg] field is required and must be a string'],
  ['of two parts', `${HEADER}.${PAYLOAD}`, 401, 'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections'],
  ['of four parts', `${GOOD}.x`, 401, 'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections'],
  ['that is none', 'nonsense', 401, 'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections'],
  ['whose head is no JSON', `${encode('{')}.${PAYLOAD}.${SIGNATURE}`, 401, 'Jwt header is an invalid JSON'],
  ['whose claims are no JSON', `${HEADER}.${encode('{')}.${SIGNATURE}`, 401, 'Jwt payload is an invalid JSON'],
  ['whose claims are no object', `${HEADER}.${encode('[]')}.${SIGNATURE}`, 401, 'Jwt payload is an invalid JSON'],
  ['that is no Base64', `!!!.${PAYLOAD}.${SIGNATURE}`, 401, 'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections'],
  ['whose end is no time', token({ claims: { exp: 'tomorrow' } }), 401, 'Jwt payload [exp] field is not an integer'],
  ['whose end is before all time', token({ claims: { exp: -1 } }), 401, 'Jwt payload [exp] field is not a positive 64 bit integer'],
])('a token %s is refused', async (_name, text, status, message) => {
  expect(await ask(bearer(text))).toEqual({ status, body: message, served: false });
});

test('a token that is too long for headers gets no further', async () => {
  const { status, served } = await ask(bearer(token({ claims: { more: 'x'.repeat(100_000) } })));
  expect([status, served]).toEqual([431, false]);
});

test('without a token a request passes, without an identity', async () => {
  const { status, body } = await ask({ 'x-user': 'root' });
  expect([status, body.includes('root')]).toEqual([200, false]);
  expect((await ask({ authorization: 'Basic YWxpY2U6c2VjcmV0' })).status).toBe(200);
  expect((await ask({ authorization: `bearer ${GOOD}` })).body).not.toContain('alice');
});

test('several tokens: none may be bad, wherever it stands', async () => {
  const bad = token({ claims: { exp: NOW - 3600 } });
  expect((await ask(bearer(GOOD), { path: `/?access_token=${bad}` })).status).toBe(401);
  expect((await ask(bearer(bad), { path: `/?access_token=${GOOD}` })).status).toBe(401);
  expect((await ask({}, { path: `/?access_token=${GOOD}` })).body).toContain('alice');
});

test('where an identity is asked for, only a good token has one', async () => {
  expect((await ask({}, { port: 8001 })).status).toBe(403);
  expect((await ask({ 'x-user': 'alice' }, { port: 8001 })).body).toBe('RBAC: access denied');
  expect((await ask(bearer(GOOD), { port: 8001 })).status).toBe(200);
  expect((await ask(bearer(token({ claims: { groups: ['a'] } })), { port: 8001 })).status).toBe(403);
  expect((await ask(bearer(token({ claims: { sub: undefined } })), { port: 8001 })).status).toBe(403);
  expect((await ask(bearer(token({ key: otherRsa.privateKey })), { port: 8001 })).status).toBe(401);
});
