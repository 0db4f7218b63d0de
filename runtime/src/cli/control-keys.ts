import type { Logger } from 'pino';

import type { ControlMetrics } from '../control/metrics';
import { parseDuration } from '../features/duration';
import { AddressGuard, DIRECT, KeyStore, fetchBundle, fetchKeys, nowhere, through, type Dialer } from '../source/keys';
import { Failure } from './failure';

/** As often as istiod looks. */
const REFRESH_EVERY = 20 * 60_000;

export interface KeyStoreParts {
  /** `direct`, `none`, or `unix:PATH@RESOLVER`: a socket that takes CONNECT requests, and who resolves names. */
  readonly outside: string;
  readonly metrics: ControlMetrics;
  readonly log: Logger;
  readonly onChange: () => void;
}

/** Fetches public keys of issuers, within the limits that the environment sets. */
export function createKeyStore({ outside, metrics, log, onChange }: KeyStoreParts): KeyStore {
  const options = { guard: readGuard(process.env), dialer: readDialer(outside) };
  return new KeyStore({
    fetch: (source) => fetchKeys(source, options),
    refreshEvery: parseDuration(process.env.PILOT_JWT_PUB_KEY_REFRESH_INTERVAL ?? '') || REFRESH_EVERY,
    onChange,
    onFetched: ({ uri, issuer }, fault) => {
      metrics.keysFetched(fault === undefined);
      if (fault !== undefined) {
        log.warn({ uri, issuer }, `public keys cannot be fetched: ${fault}`);
      }
    },
  });
}

/** As often as istiod looks at the bundles of others (pilot/pkg/trustbundle). */
const BUNDLES_EVERY = 30 * 60_000;

/** Fetches the bundles of other trust domains, within the same limits: a URL is something that a user wrote. */
export function createBundleStore({ outside, log, onChange }: Omit<KeyStoreParts, 'metrics'>): KeyStore {
  const options = { guard: readGuard(process.env), dialer: readDialer(outside) };
  return new KeyStore({
    fetch: (source) => fetchBundle(source, options), refreshEvery: BUNDLES_EVERY, onChange,
    onFetched: ({ uri }, fault) => {
      if (fault !== undefined) log.warn({ uri }, `bundle cannot be fetched: ${fault}`);
    },
  });
}

function readGuard(env: NodeJS.ProcessEnv): AddressGuard {
  const list = (name: string) => env[name]?.split(',').map((range) => range.trim()).filter((range) => range !== '');
  try {
    return new AddressGuard({ blocked: list('BLOCKED_CIDRS_IN_JWKS_URIS'), allowed: list('ALLOWED_CIDRS_IN_JWKS_URIS') });
  } catch (error) {
    throw new Failure(`BLOCKED_CIDRS_IN_JWKS_URIS or ALLOWED_CIDRS_IN_JWKS_URIS: ${(error as Error).message}`);
  }
}

function readDialer(outside: string): Dialer {
  const [, socket, resolver] = /^unix:(.+)@([^@]+)$/.exec(outside) ?? [];
  if (socket && resolver) {
    return through(socket, resolver);
  }
  if (outside === 'none') {
    return nowhere('this mesh runs with --offline');
  }
  if (outside !== 'direct') {
    throw new Failure(`--outside is ${outside}: expected direct, none or unix:PATH@RESOLVER`);
  }
  return DIRECT;
}
