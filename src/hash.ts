import type { Duration } from 'cdk8s';
import type { DestinationRuleSpecTrafficPolicyLoadBalancerConsistentHash } from '../imports/istio/destination-rule.types';
import { durationText } from './private/duration-text';
import { invalid } from './private/invalid-value';
import { defined } from './private/merge';

/** How the next instance is chosen. Writes `loadBalancer.simple`. */
export enum Algorithm {
  /** The one of two random instances that has fewer requests running; Istio's default. */
  LEAST_REQUEST = 'LEAST_REQUEST',
  /** One after the other. */
  ROUND_ROBIN = 'ROUND_ROBIN',
  /** Any one. */
  RANDOM = 'RANDOM',
  /** The address that the client asked for, without any choice. */
  PASSTHROUGH = 'PASSTHROUGH',
}

/** Envoy's own size; it is written out because Istio refuses a table without one. */
const DEFAULT_TABLE = 65_537;

/** How the table of instances is made from which a hash chooses. */
export interface HashOptions {
  /**
   * The smallest size of the ring, at most 8388608; larger ones share out more evenly. Writes `ringHash.minimumRingSize`.
   * @default 1024
   */
  readonly ringSize?: number;
  /**
   * Uses Maglev instead of a ring: faster, but more clients move when instances come and go. A prime number of at most 5000011 is the size of
   * its table, true for 65537. Writes `maglev.tableSize`.
   * @default false: a ring
   */
  readonly maglev?: boolean | number;
}

/** The cookie of {@link Hash.byCookie}. */
export interface HashCookieOptions extends HashOptions {
  /**
   * How long the cookie lives that the proxy sets where a client has none; Duration.seconds(0) for one that ends with the browser's session.
   * @default the proxy sets none: only clients that have the cookie stay with an instance
   */
  readonly ttl?: Duration;
  /**
   * The path of the cookie.
   * @default none
   */
  readonly path?: string;
  /**
   * Further attributes of the cookie, such as `{ SameSite: 'Strict', Secure: '' }`.
   * @default none
   */
  readonly attributes?: Readonly<Record<string, string>>;
}

type ConsistentHash = DestinationRuleSpecTrafficPolicyLoadBalancerConsistentHash;

/**
 * What decides to which instance a client always comes back, as long as the instances stay the same. Writes `loadBalancer.consistentHash`.
 *
 * @example
 * new LoadBalancer(mesh, 'sticky-cart', { service: cart, algorithm: Hash.byHeader('x-user') });
 */
export class Hash {
  /** The value of a header. Requests without it go to any instance. */
  public static byHeader(name: string, options: HashOptions = {}): Hash {
    return new Hash({ httpHeaderName: named(name, 'header') }, options);
  }

  /** The value of a cookie, which the proxy sets if `ttl` is given. */
  public static byCookie(name: string, options: HashCookieOptions = {}): Hash {
    const { ttl, path, attributes } = options;
    const listed = attributes && Object.entries(attributes).map(([attribute, value]) => (value === '' ? { name: attribute } : { name: attribute, value }));
    return new Hash({ httpCookie: defined({ name: named(name, 'cookie'), path, ttl: ttl && durationText(ttl), attributes: listed }) }, options);
  }

  /** The address of the client. */
  public static bySourceIp(options: HashOptions = {}): Hash {
    return new Hash({ useSourceIp: true }, options);
  }

  /** The value of a query parameter. */
  public static byQuery(name: string, options: HashOptions = {}): Hash {
    return new Hash({ httpQueryParameterName: named(name, 'query parameter') }, options);
  }

  private constructor(private readonly key: ConsistentHash, private readonly options: HashOptions) {
    const { ringSize, maglev } = options;
    if (ringSize !== undefined && maglev !== undefined && maglev !== false) {
      throw invalid(undefined, 'a hash has both `ringSize` and `maglev`', 'choose a ring or Maglev');
    }
    checkSize('ringSize', ringSize, 8388608);
    checkSize('maglev', typeof maglev === 'number' ? maglev : undefined, 5000011);
    if (typeof maglev === 'number' && !isPrime(maglev)) {
      throw invalid(undefined, `the size of a Maglev table must be a prime number, got ${maglev}`, 'use true for 65537, or another prime');
    }
  }

  /** @internal */
  public get consistentHash(): ConsistentHash {
    const { ringSize, maglev } = this.options;
    return {
      ...this.key,
      ...(ringSize !== undefined && { ringHash: { minimumRingSize: ringSize } }),
      ...(maglev !== undefined && maglev !== false && { maglev: { tableSize: maglev === true ? DEFAULT_TABLE : maglev } }),
    };
  }
}

function named(name: string, what: string): string {
  if (name === '') {
    throw invalid(undefined, `the ${what} of a hash has an empty name`, 'name it');
  }
  return name;
}

function checkSize(name: string, size: number | undefined, max: number): void {
  if (size !== undefined && (!Number.isInteger(size) || size < 1 || size > max)) {
    throw invalid(undefined, `\`${name}\` of a hash must be a whole number from 1 to ${max}, got ${size}`, `change ${name}`);
  }
}

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor += 1) {
    if (number % divisor === 0) {
      return false;
    }
  }
  return number > 1;
}
