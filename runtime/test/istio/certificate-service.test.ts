import { any, encode, struct } from '../../src/envoy';
import { decodeCertificateRequest, decodeCertificateResponse, encodeCertificateRequest, encodeCertificateResponse } from '../../src/istio/certificate-service';

test('a request comes back as it was sent', () => {
  const request = { csr: '-----BEGIN CERTIFICATE REQUEST-----', validityDuration: 86_400, metadata: { WorkloadName: 'reviews' } };
  expect(decodeCertificateRequest(encodeCertificateRequest(request))).toEqual(request);
});

test('what is not on the wire is empty', () => {
  expect(decodeCertificateRequest(Buffer.alloc(0))).toEqual({ csr: '', validityDuration: 0, metadata: {} });
  expect(decodeCertificateResponse(Buffer.alloc(0))).toEqual({ certChain: [] });
});

test('the wire is that of ca.proto: csr 1, validity_duration 3, metadata 4 as a Struct, cert_chain 1', () => {
  expect(encodeCertificateRequest({ csr: 'a', validityDuration: 5, metadata: {} }).toString('hex')).toBe('0a0161' + '1805' + '2200');
  expect(encodeCertificateResponse({ certChain: ['a', 'b'] }).toString('hex')).toBe('0a0161' + '0a0162');
});

test('metadata of all kinds is a Struct, of which strings are kept', () => {
  const metadata = Buffer.from(encode('Struct', struct({ WorkloadName: 'reviews', Count: 2, Nested: { a: 'b' }, List: ['x'] })));
  const bytes = Buffer.concat([Buffer.from([0x22, metadata.length]), metadata]);
  expect(decodeCertificateRequest(bytes).metadata).toEqual({ WorkloadName: 'reviews' });
});

test('bytes that are no message throw', () => {
  expect(() => decodeCertificateRequest(Buffer.from([0x0a, 0xff]))).toThrow();
  expect(() => decodeCertificateRequest(Buffer.from(any('Router', {}).typeUrl!))).toThrow();
});
