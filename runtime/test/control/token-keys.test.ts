import { Compiler, parseNode } from '../../src/compile';
import { TokenKeys } from '../../src/control/token-keys';
import { decode, toJson } from '../../src/envoy';
import { TYPE_URLS } from '../../src/model/configuration';
import type { KeySource } from '../../src/model/key-set';
import type { Proxy } from '../../src/model/proxy';
import type { Snapshot } from '../../src/model/snapshot';
import { KeyStore } from '../../src/source/keys';
import { problemLines, snapshotOf } from '../cases/case';
import { TestIssuer } from '../jwt/test-issuer';

const JWKS = JSON.stringify(new TestIssuer('a').publicKeys);
const RENEWED = JSON.stringify(new TestIssuer('b').publicKeys);
const PROXY = parseNode({ id: 'sidecar~10.244.0.9~web.default~default.svc.cluster.local', metadata: { NAMESPACE: 'default', LABELS: { app: 'web' } } }) as Proxy;

const WORLD = `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: users }
spec:
  jwtRules: [{ issuer: a, jwksUri: 'https://a.example.com/keys' }, { issuer: 'https://b.example.com' }]
`;

/** A control plane's part that has to do with keys, without the network. */
class Harness {
  public answers: Readonly<Record<string, string>> = {};
  public readonly asked: KeySource[] = [];
  public readonly compiler = new Compiler();
  public readonly store = new KeyStore({
    fetch: (source) => {
      this.asked.push(source);
      const answer = this.answers[source.uri || source.issuer];
      return answer ? Promise.resolve(answer) : Promise.reject(new Error('it is away'));
    },
    refreshEvery: 20, retryAfter: 20, onChange: () => this.changed?.(),
  });
  public readonly keys = new TokenKeys(this.store, (snapshot) => this.compiler.wantedKeys(snapshot));
  private changed?: () => void;

  public nextChange(): Promise<void> {
    return new Promise((resolve) => { this.changed = resolve; });
  }

  public async compile(snapshot: Snapshot) {
    const joined = await this.keys.join(snapshot);
    const { configuration, problems } = this.compiler.compile(joined, PROXY);
    const listener = configuration.get(TYPE_URLS.listener)?.get('virtualInbound');
    const json = JSON.stringify(toJson(TYPE_URLS.listener, decode(TYPE_URLS.listener, listener?.bytes ?? new Uint8Array())));
    return { joined, problems: problemLines(problems), has: (jwks: string) => json.includes(JSON.stringify(jwks)) };
  }
}

let harness: Harness;
beforeEach(() => { harness = new Harness(); });
afterEach(() => harness.store.close());

test('a Snapshot that names issuers is compiled with their keys', async () => {
  harness.answers = { 'https://a.example.com/keys': JWKS, 'https://b.example.com': RENEWED };
  const { has, problems } = await harness.compile(snapshotOf(WORLD));
  expect([has(JWKS), has(RENEWED), problems]).toEqual([true, true, []]);
  expect(harness.asked).toEqual([{ uri: 'https://a.example.com/keys', issuer: 'a', timeout: 5000 }, { uri: '', issuer: 'https://b.example.com', timeout: 5000 }]);
});

test('keys that cannot be fetched are told of, and let no token pass', async () => {
  harness.answers = { 'https://b.example.com': RENEWED };
  const { has, problems } = await harness.compile(snapshotOf(WORLD));
  expect([has(JWKS), has(RENEWED)]).toEqual([false, true]);
  expect(problems).toEqual(['error RequestAuthentication default/users spec.jwtRules[0].jwksUri: the keys cannot be fetched: it is away; no token of the rule is accepted']);
});

test('an issuer that is away keeps the keys that it had', async () => {
  harness.answers = { 'https://a.example.com/keys': JWKS, 'https://b.example.com': RENEWED };
  const snapshot = snapshotOf(WORLD);
  await harness.compile(snapshot);
  harness.answers = { 'https://b.example.com': RENEWED };
  await harness.nextChange();
  const { has, problems } = await harness.compile(snapshot);
  expect(has(JWKS)).toBe(true);
  expect(problems).toEqual(['warning RequestAuthentication default/users spec.jwtRules[0].jwksUri: the keys cannot be fetched: it is away; the keys that were there before are used']);
});

test('new keys of an issuer reach the proxies', async () => {
  harness.answers = { 'https://a.example.com/keys': JWKS, 'https://b.example.com': JWKS };
  const snapshot = snapshotOf(WORLD);
  await harness.compile(snapshot);
  harness.answers = { 'https://a.example.com/keys': RENEWED, 'https://b.example.com': RENEWED };
  await harness.nextChange();
  await harness.nextChange();
  const { has } = await harness.compile(snapshot);
  expect([has(JWKS), has(RENEWED)]).toEqual([false, true]);
});

test('a Snapshot without issuers stays as it is', async () => {
  const snapshot = snapshotOf('{ apiVersion: v1, kind: Service, metadata: { name: web }, spec: { ports: [{ port: 80 }] } }');
  expect(await harness.keys.join(snapshot)).toBe(snapshot);
  expect(harness.asked).toEqual([]);
});
