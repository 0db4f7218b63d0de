import { Acceptance } from '../../src/control/acceptance';
import { CertificateAuthority } from '../../src/local/certificate-authority';
import type { Resource } from '../../src/model/resource';
import { resourcesOf } from '../../src/model/snapshot';
import { Store } from '../../src/source/store';

class World {
  private readonly store = new Store();
  private readonly acceptance = new Acceptance();

  public set(stringData: Record<string, string>, name = 'shop') {
    const secret: Resource = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' }, stringData };
    this.store.set(secret);
    const { snapshot, problems } = this.acceptance.accept(this.store.snapshot());
    return { secret, problems, accepted: resourcesOf(snapshot, '/Secret').get(`default/${name}`), others: resourcesOf(snapshot, '/Secret').size };
  }
}

let good: Record<'tls.crt' | 'tls.key' | 'ca.crt' | 'ca.crl', string>;
let otherKey: string;

beforeAll(async () => {
  const authority = await CertificateAuthority.create('test');
  const [one, other] = await Promise.all([authority.issue({ hosts: ['shop.example.com'] }), authority.issue({ hosts: ['shop.example.com'], key: 'rsa' })]);
  good = { 'tls.crt': one.certificate, 'tls.key': one.key, 'ca.crt': authority.certificate, 'ca.crl': await authority.revoke([other]) };
  otherKey = other.key;
});

test('what Envoy can load is let through, and so is what is no certificate at all', () => {
  const world = new World();
  const { accepted, secret, problems } = world.set(good);
  expect(accepted).toBe(secret);
  expect(problems).toEqual([]);
  expect(world.set({ password: 'x', 'tls.crt': 'alone' }, 'app')).toMatchObject({ problems: [], others: 2 });
});

test.each([
  ['no PEM', () => ({ 'tls.crt': 'certificate' }), 'stringData.tls.crt', 'holds no certificate in PEM'],
  ['PEM of nothing', () => ({ 'tls.crt': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' }), 'stringData.tls.crt', 'cannot be read'],
  ['a broken certificate behind a good one', () => ({ 'tls.crt': `${good['tls.crt']}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----` }), 'stringData.tls.crt', 'cannot be read'],
  ['no key', () => ({ 'tls.key': 'key' }), 'stringData.tls.key', 'is no private key in PEM'],
  ['the key of another', () => ({ 'tls.key': otherKey }), 'stringData.tls.key', 'is not the key of the certificate in tls.crt'],
  ['no authority', () => ({ 'ca.crt': 'authority' }), 'stringData.ca.crt', 'holds no certificate in PEM'],
  ['no list', () => ({ 'ca.crl': 'list' }), 'stringData.ca.crl', 'holds no revocation list'],
  ['half a list', () => ({ 'ca.crl': '-----BEGIN X509 CRL-----\nMIG5\n-----END X509 CRL-----' }), 'stringData.ca.crl', 'cannot be read'],
])('%s: the last good one stays, and if there is none, the Secret is left out', (_name, broken, path, message) => {
  const world = new World();
  const { secret } = world.set(good);
  const changed = world.set({ ...good, ...broken() });
  expect(changed.accepted).toBe(secret);
  expect(changed.problems).toEqual([expect.objectContaining({ path, message: expect.stringContaining(message) })]);
  expect(changed.problems[0].message).toContain('the Secret stays as it was');
  const first = new World().set({ ...good, ...broken() });
  expect(first.accepted).toBeUndefined();
  expect(first.problems.map((problem) => problem.message)).toEqual([expect.stringContaining('the Secret is left out')]);
  expect(world.set(good)).toMatchObject({ problems: [], accepted: expect.anything() });
});

test('a Secret that stays as it was is the same snapshot for whoever compiles it', () => {
  const world = new World();
  world.set(good);
  const { accepted } = world.set({ ...good, 'tls.key': 'key' });
  expect(world.set({ ...good, 'tls.key': 'key again' }).accepted).toBe(accepted);
});
