import { ForeignTrust } from '../../src/control/foreign-trust';
import { KeyStore } from '../../src/source/keys';
import { testAuthority } from '../ca/test-pki';

const URL = 'https://bundles.partner.example/bundle';
/** What agents were told last. */
let published: string | undefined;
const text = () => published;
const stores: KeyStore[] = [];

/** What is fetched from the URL: a root, or a failure. */
let answer: () => Promise<string>;

function open(): ForeignTrust {
  const store: KeyStore = new KeyStore({ fetch: () => answer(), refreshEvery: 50, retryAfter: 20, onChange: () => trust.refresh() });
  const trust = new ForeignTrust({ bundles: store, publish: (roots) => { published = roots; } });
  stores.push(store);
  return trust;
}

const bundleOf = (pem: string) => JSON.stringify({ keys: [{ use: 'x509-svid', x5c: [pem.replaceAll(/-----[^-]+-----|\s/g, '')] }] });

async function becomes(expected: () => boolean): Promise<void> {
  for (let left = 200; left > 0 && !expected(); left--) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(expected()).toBe(true);
}

afterAll(() => stores.forEach((store) => store.close()));

test('agents are told roots that are written and roots of bundles, which follow what is told', async () => {
  const [written, told, later] = await Promise.all(['written', 'told', 'later'].map((name) => testAuthority(name)));
  const trust = open();
  answer = () => Promise.resolve(bundleOf(told!.certificate));
  trust.update({ pems: [written!.certificate], bundles: [URL] });
  await becomes(() => text() === written!.certificate + told!.certificate);
  answer = () => Promise.resolve(bundleOf(later!.certificate));
  await becomes(() => text() === written!.certificate + later!.certificate);

  answer = () => Promise.reject(new Error('it is away'));
  await becomes(() => trust.problems().length === 1);
  expect(trust.problems()[0]).toMatchObject({ severity: 'warning', path: 'data.mesh.caCertificates', message: `the bundle at ${URL} cannot be fetched: it is away; what it said before counts` });
  expect(text()).toBe(written!.certificate + later!.certificate);

  // A control plane that starts again keeps what was known until it knows better, and lets go of what is not wanted.
  const next = open();
  answer = () => new Promise(() => undefined);
  next.update({ pems: [written!.certificate], bundles: [URL] });
  expect(text()).toBe(written!.certificate + later!.certificate);
  next.update({ pems: [], bundles: [] });
  expect(text()).toBe('');
});

test('a bundle that never came is an error, and nobody is trusted by it', async () => {
  const trust = open();
  answer = () => Promise.reject(new Error('nothing answers'));
  trust.update({ pems: [], bundles: [URL] });
  await becomes(() => trust.problems().length === 1);
  expect(trust.problems()[0]).toEqual({
    resource: { kind: 'ConfigMap', namespace: 'istio-system', name: 'istio' }, path: 'data.mesh.caCertificates',
    message: `the bundle at ${URL} cannot be fetched: nothing answers; nobody is trusted by it until then`,
  });
  expect(text()).toBe('');
});
