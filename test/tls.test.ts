import { MeshError, Tls } from '../src';

const files = { certificate: '/etc/certs/tls.crt', privateKey: '/etc/certs/tls.key' };
const hash = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const key = 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=';

describe('Tls', () => {
  const written: [string, Tls, object][] = [
    ['a Secret', Tls.simple('a'), { mode: 'SIMPLE', credentialName: 'a' }],
    ['two Secrets', Tls.simple(['rsa', 'ecdsa']), { mode: 'SIMPLE', credentialNames: ['rsa', 'ecdsa'] }],
    ['files', Tls.simple(files), { mode: 'SIMPLE', serverCertificate: files.certificate, privateKey: files.privateKey }],
    ['two pairs of files', Tls.simple([files, files]), {
      mode: 'SIMPLE', tlsCertificates: [1, 2].map(() => ({ serverCertificate: files.certificate, privateKey: files.privateKey })),
    }],
    ['versions and ciphers', Tls.simple('a', { minVersion: '1.0', maxVersion: '1.2', cipherSuites: ['ECDHE-RSA-AES128-SHA'] }), {
      mode: 'SIMPLE', credentialName: 'a', minProtocolVersion: 'TLSV1_0', maxProtocolVersion: 'TLSV1_2', cipherSuites: ['ECDHE-RSA-AES128-SHA'],
    }],
    ['clients of a Secret of their own', Tls.mutual('a', { caSecret: 'clients', subjectAltNames: ['spiffe://a/ns/b/sa/c'] }), {
      mode: 'MUTUAL', credentialName: 'a', caCertCredentialName: 'clients', subjectAltNames: ['spiffe://a/ns/b/sa/c'],
    }],
    ['clients by their certificates and keys', Tls.optionalMutual(files, { caCertificates: '/ca.crt', revoked: '/crl', certificateHashes: [hash], publicKeyHashes: [key] }), {
      mode: 'OPTIONAL_MUTUAL', serverCertificate: files.certificate, privateKey: files.privateKey, caCertificates: '/ca.crt', caCrl: '/crl',
      verifyCertificateHash: [hash], verifyCertificateSpki: [key],
    }],
    ['the mesh\'s own', Tls.istioMutual(), { mode: 'ISTIO_MUTUAL' }],
    ['what goes through', Tls.passthrough(), { mode: 'PASSTHROUGH' }],
    ['what goes through to other clusters\' names', Tls.autoPassthrough(), { mode: 'AUTO_PASSTHROUGH' }],
  ];

  test.each(written)('writes %s', (_what, tls, expected) => expect(tls.render()).toEqual(expected));

  describe('fails when', () => {
    const failures: [string, () => Tls, string][] = [
      ['a Secret has no name', () => Tls.simple(''), 'TLS names no Secret'],
      ['a file is missing', () => Tls.simple({ ...files, privateKey: '' }), 'TLS names no Secret'],
      ['clients cannot be checked', () => Tls.mutual(files), 'mutual TLS with files has no authorities'],
      ['a Secret comes with files', () => Tls.mutual('a', { caCertificates: '/ca.crt' }), 'a Secret brings its own authorities'],
      ['files come with a Secret', () => Tls.mutual(files, { caCertificates: '/ca.crt', caSecret: 'a' }), '`caSecret` goes with a certificate in a Secret'],
      ['no version is left', () => Tls.simple('a', { minVersion: '1.3', maxVersion: '1.2' }), 'no version of TLS is at least 1.3 and at most 1.2'],
      ['no cipher is left', () => Tls.simple('a', { cipherSuites: [] }), '`cipherSuites` is empty'],
      ['an old version has no ciphers', () => Tls.simple('a', { minVersion: '1.1' }), 'TLS 1.1 needs ciphers'],
      ['a hash is none', () => Tls.mutual('a', { certificateHashes: ['abc'] }), '"abc" is no SHA-256 hash'],
    ];

    test.each(failures)('%s', (_when, make, message) => {
      expect(make).toThrow(message);
      expect(make).toThrow(MeshError);
    });
  });

  test('what only clients\' certificates can have is no option of a certificate that all may see', () => {
    // @ts-expect-error nobody shows a certificate
    expect(() => Tls.simple('a', { subjectAltNames: ['a'] })).not.toThrow();
  });
});
