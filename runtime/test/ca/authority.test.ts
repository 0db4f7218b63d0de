// The library of certificates reads decorators' metadata when it is loaded.
import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension } from '@peculiar/x509';
import { CertificateAuthority } from '../../src/ca/authority';
import { SigningRefused } from '../../src/ca/certificate-request';
import { makeRoot, renewRoot } from '../../src/ca/self-signed';
import { readSigningMaterial, type CaFiles } from '../../src/ca/signing-material';
import { cacerts, ecKey, keyPem, rsaKey, testAuthority, testRequest } from './test-pki';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const REVIEWS = { namespace: 'bookinfo', serviceAccount: 'reviews' };
const ID = 'spiffe://cluster.local/ns/bookinfo/sa/reviews';
const ROOT = { organization: 'cluster.local', lifetime: 3650 * DAY, keyType: 'ecdsa' as const };
let folder: string;

beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'ca-')); });
afterAll(() => rmSync(folder, { recursive: true }));

function authorityOf(files: CaFiles, aliases: readonly string[] = [], lifetimes = {}): Promise<CertificateAuthority> {
  const trust = () => ({ domain: 'cluster.local', aliases });
  return CertificateAuthority.create(readSigningMaterial(files), { trust, defaultLifetime: DAY, longestLifetime: 90 * DAY, ...lifetimes });
}

/** What OpenSSL says: a check that shares nothing with us. */
function openssl(...args: string[]): string {
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function file(name: string, ...pem: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, pem.join(''));
  return path;
}

function details(pem: string): string {
  return openssl('x509', '-noout', '-text', '-in', file('leaf.pem', pem));
}

describe('a workload certificate', () => {
  test.each([['ECDSA P-256', ecKey], ['ECDSA P-384', () => ecKey('P-384')], ['RSA 2048', rsaKey]])('for a key of %s', async (_, make) => {
    const authority = await authorityOf(await makeRoot(ROOT));
    const key = make();
    const before = Math.floor(Date.now() / 1000) * 1000;
    const { chain, roots, notAfter } = await authority.sign(await testRequest({ key, names: [{ type: 'url', value: ID }] }), REVIEWS);
    const leaf = new X509Certificate(chain[0]!);
    expect(leaf.checkPrivateKey(key)).toBe(true);
    expect(leaf.subject).toBeUndefined();
    expect(leaf.subjectAltName).toBe(`URI:${ID}`);
    expect(leaf.ca).toBe(false);
    // Two minutes for clocks that differ, as Istio.
    expect(Date.parse(leaf.validFrom)).toBeGreaterThanOrEqual(before - 120_000);
    expect(Date.parse(leaf.validFrom)).toBeLessThanOrEqual(Date.now() - 120_000);
    expect(notAfter.getTime() - before).toBeGreaterThanOrEqual(DAY - 1000);
    expect(chain).toHaveLength(1);
    const text = details(chain[0]!);
    expect(text).toMatch(/Subject Alternative Name: critical\s+URI:spiffe:\/\/cluster\.local\/ns\/bookinfo\/sa\/reviews/);
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature, Key Encipherment\n/);
    expect(text).toMatch(/Extended Key Usage: \s+TLS Web Server Authentication, TLS Web Client Authentication/);
    expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(openssl('verify', '-x509_strict', '-CAfile', file('root.pem', ...roots), file('leaf.pem', chain[0]!))).toContain('OK');
  });

  test('two of one account are alike but for key and number (F162)', async () => {
    const authority = await authorityOf(await makeRoot(ROOT));
    const [one, two] = await Promise.all([0, 1].map(async () => authority.sign(await testRequest(), REVIEWS)));
    expect(new X509Certificate(one!.chain[0]!).subjectAltName).toBe(new X509Certificate(two!.chain[0]!).subjectAltName);
    expect(one!.serialNumber).not.toBe(two!.serialNumber);
  });

  test('lives as long as asked, at most as the authority', async () => {
    const authority = await authorityOf(await makeRoot({ ...ROOT, lifetime: 2 * HOUR }));
    const end = async (seconds: number) => (await authority.sign(await testRequest(), REVIEWS, seconds)).notAfter.getTime() - Date.now();
    expect(await end(10)).toBeLessThanOrEqual(10_000);
    expect(await end(10)).toBeGreaterThan(7_000);
    expect(await end(24 * 3600)).toBeLessThanOrEqual(2 * HOUR);
    expect(await end(0)).toBeLessThanOrEqual(2 * HOUR);
  });

  test('of more than the longest lifetime is refused', async () => {
    const authority = await authorityOf(await makeRoot(ROOT), [], { longestLifetime: HOUR });
    await expect(authority.sign(await testRequest(), REVIEWS, 3601)).rejects.toMatchObject({ kind: 'TTL_ERROR', message: 'it is to be good for 3601 s, at most 3600 s are given' });
  });

  test('is not signed by an authority that is over', async () => {
    const root = await testAuthority('Root', { notAfter: new Date(Date.now() + 1500) });
    const authority = await authorityOf(cacerts(root, [], root));
    await new Promise((resolve) => setTimeout(resolve, 1600));
    await expect(authority.sign(await testRequest(), REVIEWS)).rejects.toMatchObject({ kind: 'CA_NOT_READY' });
  });
});

describe('a chain (F179)', () => {
  test.each([['ecdsa', ecKey], ['rsa', rsaKey]])('openssl verifies it, signed with %s', async (_, make) => {
    const root = await testAuthority('Example Root', { key: make() });
    const middle = await testAuthority('Example Middle', { issuer: root, key: make() });
    const signer = await testAuthority('Example Mesh', { issuer: middle, key: make() });
    const authority = await authorityOf(cacerts(signer, [middle], root));
    const { chain, roots } = await authority.sign(await testRequest(), REVIEWS);
    // The operator's root is the workloads' root, byte for byte; the authority follows the leaf.
    expect(roots).toEqual([root.certificate]);
    expect(chain.slice(1)).toEqual([signer.certificate, middle.certificate]);
    const [leaf, ca] = [file('leaf.pem', chain[0]!), file('ca.pem', ...roots, ...chain.slice(1))];
    expect(openssl('verify', '-CAfile', ca, leaf)).toContain('OK');
    expect(openssl('verify', '-CAfile', file('root.pem', ...roots), '-untrusted', file('chain.pem', ...chain.slice(1)), leaf)).toContain('OK');
    expect(() => openssl('verify', '-CAfile', file('root.pem', ...roots), leaf)).toThrow(/unable to get local issuer/);
  });

  test('of an authority that openssl has made, with a name of many parts', async () => {
    const key = join(folder, 'openssl-key.pem');
    const subject = ['-utf8', '-subj', '/C=DE/O=Beispiel Übersee GmbH/OU=Mesh+UID=7/CN=Wurzel'];
    const root = openssl('req', '-x509', '-newkey', 'rsa:2048', '-noenc', '-keyout', key, '-days', '30', ...subject, '-addext', 'keyUsage=critical,keyCertSign');
    const authority = await authorityOf(new Map([['ca-cert.pem', root], ['ca-key.pem', readFileSync(key, 'utf8')], ['root-cert.pem', root]]));
    const { chain, roots } = await authority.sign(await testRequest(), REVIEWS);
    expect(openssl('verify', '-x509_strict', '-CAfile', file('root.pem', ...roots), file('leaf.pem', chain[0]!))).toContain('OK');
  });

  test('the tls.crt form gives the same', async () => {
    const root = await testAuthority('Example Root');
    const signer = await testAuthority('Example Mesh', { issuer: root });
    const authority = await authorityOf(new Map([['tls.crt', signer.certificate], ['tls.key', keyPem(signer.key)], ['ca.crt', root.certificate]]));
    const { chain, roots } = await authority.sign(await testRequest(), REVIEWS);
    expect(openssl('verify', '-CAfile', file('root.pem', ...roots), '-untrusted', file('chain.pem', ...chain.slice(1)), file('leaf.pem', chain[0]!))).toContain('OK');
  });
});

describe('requests that ask for too much', () => {
  let authority: CertificateAuthority;
  beforeAll(async () => { authority = await authorityOf(await makeRoot(ROOT), ['old.example.com']); });

  const url = (value: string) => ({ type: 'url' as const, value });
  const OTHERS = [
    ['another account', [url('spiffe://cluster.local/ns/bookinfo/sa/ratings')]],
    ['another namespace', [url('spiffe://cluster.local/ns/payments/sa/reviews')]],
    ['another trust domain', [url('spiffe://evil.example.com/ns/bookinfo/sa/reviews')]],
    ['its own name and one more', [url(ID), url('spiffe://cluster.local/ns/istio-system/sa/istiod')]],
    ['a name of DNS', [{ type: 'dns' as const, value: 'istiod.istio-system.svc' }]],
    ['its own name as DNS', [{ type: 'dns' as const, value: ID }]],
    ['an address', [{ type: 'ip' as const, value: '10.0.0.1' }]],
    ['its own name with something behind', [url(`${ID}/../ratings`)]],
    ['its own name in capitals', [url(ID.toUpperCase())]],
  ] as const;

  test.each(OTHERS)('%s', async (_, names) => {
    await expect(authority.sign(await testRequest({ names: [...names] }), REVIEWS)).rejects.toMatchObject({
      kind: 'CSR_ERROR', message: expect.stringMatching(/^it asks for the name ".*", but its sender is spiffe:\/\/cluster\.local\/ns\/bookinfo\/sa\/reviews$/) as string,
    });
  });

  test('CA:TRUE, and the right to sign', async () => {
    const refusal = async (extensions: ConstructorParameters<typeof Array>[0][]) => authority.sign(await testRequest({ extensions: extensions as never }), REVIEWS);
    await expect(refusal([new BasicConstraintsExtension(true) as never])).rejects.toThrow('it asks for CA:TRUE');
    await expect(refusal([new KeyUsagesExtension(KeyUsageFlags.keyCertSign) as never])).rejects.toThrow('the right to sign');
    await expect(refusal([new KeyUsagesExtension(KeyUsageFlags.cRLSign | KeyUsageFlags.digitalSignature) as never])).rejects.toThrow('the right to sign');
    await expect(refusal([new BasicConstraintsExtension(false) as never, new KeyUsagesExtension(KeyUsageFlags.digitalSignature) as never])).resolves.toBeDefined();
  });

  test('what openssl writes, too', async () => {
    const key = file('key.pem', keyPem(ecKey()));
    const request = (...more: string[]) => openssl('req', '-new', '-key', key, '-subj', '/CN=admin', ...more);
    await expect(authority.sign(request('-addext', 'subjectAltName=URI:spiffe://cluster.local/ns/a/sa/b'), REVIEWS)).rejects.toThrow('asks for the name');
    await expect(authority.sign(request('-addext', 'basicConstraints=critical,CA:TRUE'), REVIEWS)).rejects.toThrow('CA:TRUE');
    // A common name is not taken over: the name of a workload is its SPIFFE id alone.
    const { chain } = await authority.sign(request('-addext', `subjectAltName=URI:${ID}`), REVIEWS);
    expect(new X509Certificate(chain[0]!).subject).toBeUndefined();
  });

  test('its name in a former trust domain is its name: the certificate has the current one', async () => {
    const { chain } = await authority.sign(await testRequest({ names: [url('spiffe://old.example.com/ns/bookinfo/sa/reviews')] }), REVIEWS);
    expect(new X509Certificate(chain[0]!).subjectAltName).toBe(`URI:${ID}`);
  });

  test('weak keys, keys of other kinds', async () => {
    await expect(authority.sign(await testRequest({ key: rsaKey(1024) }), REVIEWS)).rejects.toThrow('its key is an RSA key of 1024 bits, expected 2048 to 8192');
    const key = file('key.pem', openssl('genpkey', '-algorithm', 'ed25519'));
    await expect(authority.sign(openssl('req', '-new', '-key', key, '-subj', '/O=x'), REVIEWS)).rejects.toThrow('expected ECDSA or RSA');
    const curve = file('key.pem', openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1'));
    await expect(authority.sign(openssl('req', '-new', '-key', curve, '-subj', '/O=x'), REVIEWS)).rejects.toThrow('elliptic key on secp256k1');
  });

  test('a signature of another key, a weak signature', async () => {
    await expect(authority.sign(await testRequest({ signer: ecKey() }), REVIEWS)).rejects.toThrow('its signature is not of its own key');
    const key = file('key.pem', keyPem(rsaKey()));
    await expect(authority.sign(openssl('req', '-new', '-sha1', '-key', key, '-subj', '/O=x'), REVIEWS)).rejects.toThrow('it is signed with RSASSA-PKCS1-v1_5 and SHA-1, expected');
  });

  test('what is no request', async () => {
    const request = await testRequest();
    for (const [text, message] of [
      ['', 'expected one -----BEGIN CERTIFICATE REQUEST-----, got 0'], [request + request, 'got 2'], ['x'.repeat(16_385), 'it has 16385 characters'],
      [request.replace(/\n.{40}/, '\n'), 'it cannot be read'], ['-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----', 'it cannot be read'],
    ] as const) {
      await expect(authority.sign(text, REVIEWS)).rejects.toThrow(message);
      await expect(authority.sign(text, REVIEWS)).rejects.toBeInstanceOf(SigningRefused);
    }
  });
});

describe('a root', () => {
  test('of its own is good for ten years, and its key may sign certificates only', async () => {
    const root = (await makeRoot(ROOT)).get('root-cert.pem')!;
    const text = details(root);
    expect(text).toMatch(/Subject: O ?= ?cluster\.local/);
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE/);
    expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
    const { validFrom, validTo } = new X509Certificate(root);
    expect(Date.parse(validTo) - Date.parse(validFrom)).toBeGreaterThan(3649 * DAY);
  });

  test('with an RSA key where it is asked for', async () => {
    const files = await makeRoot({ ...ROOT, keyType: 'rsa', rsaBits: 3072 });
    expect(details(files.get('root-cert.pem')!)).toContain('Public-Key: (3072 bit)');
    const { chain, roots } = await (await authorityOf(files)).sign(await testRequest(), REVIEWS);
    expect(openssl('verify', '-CAfile', file('root.pem', ...roots), file('leaf.pem', chain[0]!))).toContain('OK');
  });

  test('that is renewed keeps its key: leaves of before and after are good under either', async () => {
    const old = await makeRoot({ ...ROOT, lifetime: HOUR });
    const before = await (await authorityOf(old)).sign(await testRequest(), REVIEWS);
    const renewed = await renewRoot(old, ROOT);
    const after = await (await authorityOf(renewed)).sign(await testRequest(), REVIEWS);
    expect(after.roots).toHaveLength(2);
    expect(after.notAfter.getTime()).toBeGreaterThan(Date.now() + 23 * HOUR);
    for (const leaf of [before, after]) {
      for (const root of after.roots) {
        expect(openssl('verify', '-CAfile', file('root.pem', root), file('leaf.pem', leaf.chain[0]!))).toContain('OK');
      }
    }
    const later = await renewRoot(renewed, ROOT, Date.now() + 2 * HOUR);
    expect(readSigningMaterial(later).roots).toHaveLength(2);
  });
});

test('a certificate of the control plane itself has its names and its own key', async () => {
  const authority = await authorityOf(await makeRoot(ROOT));
  const { chain, key } = await authority.issueServer(['istiod.istio-system.svc', 'istiod.istio-system']);
  const leaf = new X509Certificate(chain[0]!);
  expect(leaf.subjectAltName).toBe('DNS:istiod.istio-system.svc, DNS:istiod.istio-system');
  expect(key).toContain('PRIVATE KEY');
});
