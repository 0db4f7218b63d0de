import { SHORTEST_RSA_BITS, type KeyType } from './signing-key';

/** How an authority signs. Times are milliseconds. */
export interface AuthoritySettings {
  readonly defaultLifetime: number;
  readonly longestLifetime: number;
  readonly rootLifetime: number;
  /** How often the authority looks after its own root; 0: never. */
  readonly rootCheckInterval: number;
  /** Per cent of the root's lifetime: when less is left, it is renewed. */
  readonly rootGracePercent: number;
  readonly keyType: KeyType;
  readonly rsaBits: number;
}

const SECOND = 1000;
const HOUR = 60 * 60 * SECOND;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: 60 * SECOND, h: HOUR };
/** Go's form of durations. */
const DURATION = /^(\d+(\.\d+)?(ms|s|m|h))+$/;

/**
 * By istiod's names; https://istio.io/latest/docs/reference/commands/pilot-discovery/. Keys of an own root are ECDSA P-256 unless the size of
 * an RSA key is set.
 *
 * @throws Error naming a variable that makes no sense
 */
export function readAuthoritySettings(env: Readonly<Record<string, string | undefined>>): AuthoritySettings {
  const time = (name: string, hours: number) => readTime(name, env[name]) ?? hours * HOUR;
  const bits = readNumber('CITADEL_SELF_SIGNED_CA_RSA_KEY_SIZE', env.CITADEL_SELF_SIGNED_CA_RSA_KEY_SIZE, [SHORTEST_RSA_BITS, 8192]);
  return {
    defaultLifetime: time('DEFAULT_WORKLOAD_CERT_TTL', 24),
    longestLifetime: time('MAX_WORKLOAD_CERT_TTL', 90 * 24),
    rootLifetime: time('CITADEL_SELF_SIGNED_CA_CERT_TTL', 3650 * 24),
    rootCheckInterval: time('CITADEL_SELF_SIGNED_ROOT_CERT_CHECK_INTERVAL', 1),
    rootGracePercent: readNumber('CITADEL_SELF_SIGNED_ROOT_CERT_GRACE_PERIOD_PERCENTILE', env.CITADEL_SELF_SIGNED_ROOT_CERT_GRACE_PERIOD_PERCENTILE, [1, 99]) ?? 20,
    keyType: bits === undefined ? 'ecdsa' : 'rsa',
    rsaBits: bits ?? SHORTEST_RSA_BITS,
  };
}

function readTime(name: string, text: string | undefined): number | undefined {
  return text ? readDuration(name, text) : undefined;
}

/** Milliseconds of a duration as Go writes it. @throws Error naming what says it, where it makes no sense */
export function readDuration(name: string, text: string): number {
  if (text !== '0' && !DURATION.test(text)) throw new Error(`${name} is ${JSON.stringify(text)}, expected a duration as in Go, such as 24h, 90m or 1h30m`);
  const sum = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce((all, [, count, unit]) => all + Number(count) * UNITS[unit!]!, 0);
  if (sum < SECOND && text !== '0' && text !== '0s') throw new Error(`${name} is ${text}, certificates count in seconds`);
  return sum;
}

function readNumber(name: string, text: string | undefined, [least, most]: readonly [number, number]): number | undefined {
  if (!text) return undefined;
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Error(`${name} is ${JSON.stringify(text)}, expected a whole number from ${least} to ${most}`);
}
