import { parseDuration } from './arguments';
import type { KeyKind } from './certificate-request';

/** How a proxy's certificate is made and kept. */
export interface CertificateSettings {
  readonly key: KeyKind;
  /** What is asked for; the authority may give less. */
  readonly ttlSeconds: number;
  /** Share of the lifetime that is left when the certificate is renewed. */
  readonly graceRatio: number;
  /** By how much that share varies, so that proxies which started together do not renew together. */
  readonly graceJitter: number;
  /** Folder where applications find copies. @default none is written */
  readonly outputFolder?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DAY_SECONDS = 24 * 60 * 60;
const LEAST_RSA_BITS = 2048;

/**
 * The names of Istio's agent (pilot/cmd/pilot-agent/options). One default differs: Istio makes RSA keys unless ECC_SIGNATURE_ALGORITHM says
 * otherwise, here keys are ECDSA unless it is `RSA` or empty, or WORKLOAD_RSA_KEY_SIZE alone is set.
 */
export function readCertificateSettings(env: Environment): CertificateSettings {
  const ttlMs = parseDuration(env.SECRET_TTL);
  return {
    key: readKeyKind(env),
    ttlSeconds: ttlMs === undefined || ttlMs < 1_000 ? DAY_SECONDS : Math.floor(ttlMs / 1_000),
    graceRatio: fraction(env.SECRET_GRACE_PERIOD_RATIO, 0.5),
    graceJitter: fraction(env.SECRET_GRACE_PERIOD_RATIO_JITTER, 0.01),
    ...(env.OUTPUT_CERTS ? { outputFolder: env.OUTPUT_CERTS } : {}),
  };
}

/** What is wrong with the environment, a sentence each by variable: the default holds in its place. */
export function certificateFaults(env: Environment): ReadonlyMap<string, string> {
  const ttlMs = parseDuration(env.SECRET_TTL);
  const expected: readonly (readonly [name: string, isGood: boolean, expectation: string])[] = [
    ['SECRET_TTL', ttlMs !== undefined && ttlMs >= 1_000, 'a duration of 1s or more, such as 24h'],
    ['SECRET_GRACE_PERIOD_RATIO', isFraction(env.SECRET_GRACE_PERIOD_RATIO), 'a number from 0 to 1'],
    ['SECRET_GRACE_PERIOD_RATIO_JITTER', isFraction(env.SECRET_GRACE_PERIOD_RATIO_JITTER), 'a number from 0 to 1'],
    ['ECC_SIGNATURE_ALGORITHM', /^(ECDSA|RSA)$/i.test((env.ECC_SIGNATURE_ALGORITHM ?? '').trim()), 'ECDSA or RSA'],
    ['ECC_CURVE', /^P(256|384)$/.test(env.ECC_CURVE ?? ''), 'P256 or P384'],
    ['WORKLOAD_RSA_KEY_SIZE', Number(env.WORKLOAD_RSA_KEY_SIZE) >= LEAST_RSA_BITS, `${LEAST_RSA_BITS} bits or more`],
  ];
  const wrong = expected.filter(([name, isGood]) => env[name] !== undefined && env[name] !== '' && !isGood);
  return new Map(wrong.map(([name, , expectation]) => [name, `${name}: expected ${expectation}, got "${env[name]}"`]));
}

function readKeyKind({ ECC_SIGNATURE_ALGORITHM: algorithm, ECC_CURVE: curve, WORKLOAD_RSA_KEY_SIZE: bits }: Environment): KeyKind {
  const isRsa = algorithm === undefined ? bits !== undefined : ['', 'RSA'].includes(algorithm.trim().toUpperCase());
  if (isRsa) return { type: 'rsa', bits: Math.max(Number(bits) || LEAST_RSA_BITS, LEAST_RSA_BITS) };
  return { type: 'ecdsa', curve: curve === 'P384' ? 'P-384' : 'P-256' };
}

function fraction(text: string | undefined, fallback: number): number {
  return isFraction(text) ? Number(text) : fallback;
}

function isFraction(text: string | undefined): boolean {
  const value = Number(text);
  return text !== undefined && text.trim() !== '' && value >= 0 && value <= 1;
}
