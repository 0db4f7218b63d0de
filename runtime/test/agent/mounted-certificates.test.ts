import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { MountedCertificates, readMountedPaths } from '../../src/agent/mounted-certificates';
import { testAuthority, testLeaf } from '../ca/test-pki';

const folder = mkdtempSync(join(tmpdir(), 'mounted-'));
const paths = { chain: join(folder, 'cert-chain.pem'), key: join(folder, 'key.pem'), root: join(folder, 'root-cert.pem') };
const logs: string[] = [];

afterAll(() => rmSync(folder, { recursive: true }));

test('files are named as in Istio, one by one', () => {
  const on = { FILE_MOUNTED_CERTS: 'true' };
  expect(readMountedPaths({})).toBeUndefined();
  expect(readMountedPaths({ ISTIO_META_TLS_CLIENT_KEY: '/x' })).toBeUndefined();
  expect(readMountedPaths(on)).toEqual({ chain: '/etc/certs/cert-chain.pem', key: '/etc/certs/key.pem', root: '/etc/certs/root-cert.pem' });
  expect(readMountedPaths({ ...on, ISTIO_META_TLS_CLIENT_CERT_CHAIN: '/a', ISTIO_META_TLS_SERVER_CERT_CHAIN: '/b', ISTIO_META_TLS_SERVER_KEY: '/c' }))
    .toEqual({ chain: '/a', key: '/c', root: '/etc/certs/root-cert.pem' });
});

test('what does not fit together is told of, without a word of the key, until it does', async () => {
  const root = await testAuthority('Root');
  const [one, other] = [await testLeaf(root, 'spiffe://a/ns/b/sa/c'), await testLeaf(root, 'spiffe://a/ns/b/sa/d')];
  const certificates = new MountedCertificates({ paths, socket: join(folder, 'sds'), log: (level, message) => logs.push(`${level} ${message}`) });
  await certificates.start();
  const becomes = async (alarm: string | undefined) => {
    for (let left = 100; left > 0 && certificates.alarm !== alarm; left--) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(certificates.alarm).toBe(alarm);
  };
  await becomes(`${paths.chain} holds no certificate in PEM`);
  writeFileSync(paths.chain, one.chain);
  await becomes(`${paths.root} holds no certificate in PEM, by which others could be verified`);
  writeFileSync(paths.root, root.certificate);
  await becomes(`${paths.key} holds no private key in PEM`);
  writeFileSync(paths.key, other.key, { mode: 0o600 });
  await becomes(`${paths.key} is not the key of the certificate in ${paths.chain}`);
  writeFileSync(paths.key, one.key, { mode: 0o600 });
  await becomes(undefined);
  expect(certificates.figures().secondsLeft.default).toBeGreaterThan(80_000);
  expect(logs.join('\n')).not.toContain('PRIVATE');
  certificates.stop();
});
