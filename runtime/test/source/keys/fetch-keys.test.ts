import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { CertificateAuthority } from '../../../src/local/certificate-authority';
import { AddressGuard, DIRECT, fetchKeys, nowhere, type Dialer } from '../../../src/source/keys';
import { TestIssuer } from '../../jwt/test-issuer';

const JWKS = JSON.stringify(new TestIssuer('a').publicKeys);
/** The exception that a test needs, and nobody else has. */
const guard = new AddressGuard({ allowed: ['127.0.0.1/32'] });
const servers: Server[] = [];

async function serve(answer: RequestListener): Promise<string> {
  const server = createHttp(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function fetch(uri: string, { issuer = 'a', timeout = 5000, dialer = DIRECT, limits = guard }: { issuer?: string; timeout?: number; dialer?: Dialer; limits?: AddressGuard } = {}) {
  return fetchKeys({ uri, issuer, timeout }, { guard: limits, dialer });
}

afterAll(() => servers.forEach((server) => {
  server.closeAllConnections();
  server.close();
}));

test('keys come from where the URL says', async () => {
  const base = await serve((request, response) => response.end(request.url === '/keys?v=2' ? JWKS : ''));
  expect(await fetch(`${base}/keys?v=2`)).toBe(JWKS);
});

test('without a URL the issuer says where its keys are', async () => {
  const base: string = await serve((request, response) => response.end(
    request.url === '/.well-known/openid-configuration' ? JSON.stringify({ jwks_uri: `${base}/its-keys` }) : request.url === '/its-keys' ? JWKS : '',
  ));
  expect(await fetch('', { issuer: `${base}/` })).toBe(JWKS);
  await expect(fetch('', { issuer: 'somebody' })).rejects.toThrow("'somebody' is no URL");
});

test('redirects are followed, five times', async () => {
  const base = await serve((request, response) => {
    const left = Number(request.url?.slice(1));
    if (left > 0) response.writeHead(302, { location: `/${left - 1}` });
    response.end(JWKS);
  });
  expect(await fetch(`${base}/5`)).toBe(JWKS);
  await expect(fetch(`${base}/6`)).rejects.toThrow('leads on more than 5 times');
});

test.each([
  ['a page', 'text', 200, 'is no JSON Web Key Set'], ['keys of no kind', '{"keys":[{}]}', 200, 'is no JSON Web Key Set'],
  ['an error', '', 503, 'answers 503'], ['no end', 'x'.repeat(1 << 21), 200, 'answers more than 1048576 bytes'],
])('%s is no answer', async (_name, body, status, message) => {
  const base = await serve((_request, response) => response.writeHead(status).end(body));
  await expect(fetch(base)).rejects.toThrow(message);
});

test('who takes too long is not waited for, before the answer or in the middle of it', async () => {
  const silent = await serve(() => undefined);
  const slow = await serve((_request, response) => void response.write('{'));
  await expect(fetch(silent, { timeout: 200 })).rejects.toThrow('takes longer than 200 ms');
  await expect(fetch(slow, { timeout: 200 })).rejects.toThrow('takes longer than 200 ms');
});

test.each([
  '127.0.0.1', '127.1.2.3', '[::1]', '0.0.0.0', '[::]', '169.254.169.254', '[fe80::1]', '[::ffff:169.254.169.254]', '[::ffff:7f00:1]', '[fd00:ec2::254]', '100.100.100.200',
  '168.63.129.16', '[64:ff9b::a9fe:a9fe]', '[2002:7f00:1::]', '2130706433', '0x7f.1', '017700000001', '224.0.0.1',
])('%s is not asked', async (host) => {
  const dialer: Dialer = { ...DIRECT, connect: () => Promise.reject(new Error('it was connected to')) };
  await expect(fetch(`http://${host}/keys`, { dialer, limits: new AddressGuard() })).rejects.toThrow('where keys are not taken from');
});

test('a name counts for nothing, its addresses do: those that are blocked are not connected to', async () => {
  const asked: string[] = [];
  const dialer = (...addresses: string[]): Dialer => ({
    addressesOf: () => Promise.resolve(addresses),
    connect: (address) => { asked.push(address); return Promise.reject(new Error('no')); },
  });
  await expect(fetch('http://issuer.example.com/', { dialer: dialer('169.254.169.254', '127.0.0.1'), limits: new AddressGuard() })).rejects.toThrow('issuer.example.com is 169.254.169.254, 127.0.0.1');
  await expect(fetch('http://issuer.example.com/', { dialer: dialer('127.0.0.1', '192.0.2.7'), limits: new AddressGuard() })).rejects.toThrow('cannot be connected to');
  expect(asked).toEqual(['192.0.2.7']);
  await expect(fetch('http://issuer.example.com/', { dialer: dialer('192.0.2.7'), limits: new AddressGuard({ blocked: ['192.0.2.0/24'] }) })).rejects.toThrow('where keys are not taken from');
});

test('redirects do not lead past the limits, nor from HTTPS to HTTP, nor elsewhere', async () => {
  const to = (location: string) => serve((_request, response) => response.writeHead(302, { location }).end());
  await expect(fetch(await to('http://169.254.169.254/latest/meta-data'))).rejects.toThrow('where keys are not taken from');
  await expect(fetch(await to('file:///etc/passwd'))).rejects.toThrow("leads to 'file:///etc/passwd'");
});

test('certificates are verified', async () => {
  const { certificate, key } = await (await CertificateAuthority.create('nobody knows it')).issue({ hosts: ['localhost'], key: 'ecdsa', expired: false });
  const server = createHttps({ cert: certificate, key }, (_request, response) => response.end(JWKS));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await expect(fetch(`https://localhost:${(server.address() as AddressInfo).port}/`)).rejects.toThrow('does not prove who it is');
});

test('where nothing outside is reached, names are not found', async () => {
  await expect(fetch('https://issuer.example.com/', { dialer: nowhere('offline') })).rejects.toThrow('issuer.example.com is not found (offline)');
});

test('a range that is none is not passed over', () => {
  expect(() => new AddressGuard({ blocked: ['10.0.0.0.0/8'] })).toThrow('is no range of IP addresses');
});
