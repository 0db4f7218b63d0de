import { certificateFaults, readCertificateSettings } from '../../src/agent/certificate-settings';

test.each([
  [{ SECRET_TTL: 'abc' }, 'SECRET_TTL: expected a duration of 1s or more, such as 24h, got "abc"'],
  [{ SECRET_TTL: '10ms' }, 'SECRET_TTL: expected a duration of 1s or more, such as 24h, got "10ms"'],
  [{ SECRET_GRACE_PERIOD_RATIO: '1.5' }, 'SECRET_GRACE_PERIOD_RATIO: expected a number from 0 to 1, got "1.5"'],
  [{ SECRET_GRACE_PERIOD_RATIO_JITTER: 'much' }, 'SECRET_GRACE_PERIOD_RATIO_JITTER: expected a number from 0 to 1, got "much"'],
  [{ ECC_SIGNATURE_ALGORITHM: 'DSA' }, 'ECC_SIGNATURE_ALGORITHM: expected ECDSA or RSA, got "DSA"'],
  [{ ECC_CURVE: 'P521' }, 'ECC_CURVE: expected P256 or P384, got "P521"'],
  [{ WORKLOAD_RSA_KEY_SIZE: '512' }, 'WORKLOAD_RSA_KEY_SIZE: expected 2048 bits or more, got "512"'],
])('%j is told, and the default holds', (env, fault) => {
  expect([...certificateFaults(env).values()]).toEqual([fault]);
  expect({ ...readCertificateSettings(env), key: undefined }).toEqual({ ...readCertificateSettings({}), key: undefined });
});

test('what is right, empty or absent is not told', () => {
  expect(certificateFaults({ SECRET_TTL: '1h30m', SECRET_GRACE_PERIOD_RATIO: '0.3', ECC_SIGNATURE_ALGORITHM: '', ECC_CURVE: 'P384', WORKLOAD_RSA_KEY_SIZE: '4096' }).size).toBe(0);
  expect(certificateFaults({}).size).toBe(0);
});
