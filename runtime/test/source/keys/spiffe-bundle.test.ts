import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CertificateAuthority } from '../../../src/local/certificate-authority';
import { AddressGuard, DIRECT, fetchBundle, parseBundle } from '../../../src/source/keys';

const guard = new AddressGuard({ allowed: ['127.0.0.1/32'] });
let server: Server;
let body = '';
let uri = '';
let root = '';

const der = (pem: string) => pem.replaceAll(/-----[^-]+-----|\s/g, '');
const bundle = (...keys: object[]) => JSON.stringify({ keys, spiffe_sequence: 1, spiffe_refresh_hint: 300 });

beforeAll(async () => {
  root = (await CertificateAuthority.create('partner')).certificate;
  server = createServer((_request, response) => response.end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const fetch = (limits = guard) => fetchBundle({ uri, timeout: 5_000 }, { guard: limits, dialer: DIRECT });

test('a bundle tells its roots, and what is none of them is left out', async () => {
  const leaf = await (await CertificateAuthority.create('other')).issue({ hosts: ['a.example'] });
  body = bundle({ use: 'x509-svid', kty: 'EC', x5c: [der(root)] }, { use: 'jwt-svid', kty: 'EC', x5c: [der(root)] }, { use: 'x509-svid', x5c: [der(leaf.certificate)] }, { use: 'x509-svid' });

  expect(parseBundle(await fetch()).map(der)).toEqual([der(root)]);
});

test.each([['a page', '<html>'], ['no roots', bundle({ use: 'jwt-svid' })], ['keys that are none', '{"keys":[null,7]}'], ['nothing', '{}']])('%s is no bundle', async (_name, text) => {
  body = text;
  await expect(fetch()).rejects.toThrow('is no SPIFFE bundle');
});

test('the machine itself is not asked', async () => {
  await expect(fetch(new AddressGuard())).rejects.toThrow('where keys are not taken from');
});
