import type {
  VirtualServiceDestination, VirtualServiceHeaderOperations, VirtualServiceSpecHttpCorsPolicy, VirtualServiceSpecHttpFaultAbort,
  VirtualServiceSpecHttpFaultDelay, VirtualServiceSpecHttpHeaders, VirtualServiceSpecHttpRetries, VirtualServiceStringMatch,
} from '../../imports/istio/virtual-service.types';
import type { IConstruct } from 'constructs';
import type { CorsPolicy, FixedAnswer, HeaderChanges, HeaderOperations, Redirect, Retries, Rewrite, RouteOptions } from '../route-rule';
import type { StringMatch } from '../string-match';
import { durationText, positiveDuration } from './duration-text';
import { defined } from './merge';
import { checkCors, checkHeaderChanges, checkRetries } from './option-checks';

/** A share of the traffic for a version, for the whole service, or for another one. */
export interface Share {
  readonly version?: string;
  readonly weight?: number;
  readonly headers?: VirtualServiceSpecHttpHeaders;
  /** Where it goes, if not to a version of the service that was called. */
  readonly destination?: VirtualServiceDestination;
}

/** Requests go to a version, or to several in shares. */
export interface Forward {
  readonly kind: 'forward';
  readonly shares: readonly Share[];
  readonly rewrite?: Rewrite;
}

/** Clients are sent elsewhere, or answered, by the proxy. */
export type Answer =
  | { readonly kind: 'redirect'; readonly redirect: Redirect }
  | { readonly kind: 'answer'; readonly answer: FixedAnswer };

/** Copies of requests. */
export interface MirrorSlot {
  readonly share: Share;
  /** Undefined for all of them. */
  readonly percent?: number;
}

/** What the names of all slots for mirrors begin with: each destination has its own. */
export const MIRROR = 'mirror ';

/** What may be said about a request besides where it goes; each is decided on its own. Values are Istio's. */
export interface Slots {
  readonly name?: string;
  readonly statPrefix?: string;
  readonly timeout?: string;
  readonly retries?: VirtualServiceSpecHttpRetries;
  readonly headers?: VirtualServiceSpecHttpHeaders;
  readonly corsPolicy?: VirtualServiceSpecHttpCorsPolicy;
  readonly delay?: VirtualServiceSpecHttpFaultDelay;
  readonly abort?: VirtualServiceSpecHttpFaultAbort;
  readonly [mirror: `mirror ${string}`]: MirrorSlot | undefined;
}

/** The options in Istio's words. */
export function optionSlots(options: RouteOptions, construct: IConstruct): Slots {
  if (options.changeHeaders !== undefined) {
    checkHeaderChanges(options.changeHeaders, construct);
  }
  if (options.cors !== undefined) {
    checkCors(options.cors, construct);
  }
  return defined({
    timeout: options.timeout && positiveDuration(options.timeout, 'timeout', construct),
    retries: options.retries && retries(options.retries, construct),
    headers: options.changeHeaders && headerChanges(options.changeHeaders),
    corsPolicy: options.cors && corsPolicy(options.cors),
  });
}

/** Changes of headers in Istio's words. */
export function headerChanges({ request, response }: HeaderChanges): VirtualServiceSpecHttpHeaders {
  return defined({ request: operations(request), response: operations(response) });
}

function retries(given: Retries, construct: IConstruct): VirtualServiceSpecHttpRetries {
  checkRetries(given, construct);
  return defined({
    attempts: given.attempts,
    perTryTimeout: given.perTry && positiveDuration(given.perTry, 'retries.perTry', construct),
    retryOn: given.on?.join(','),
    backoff: given.backoff && positiveDuration(given.backoff, 'retries.backoff', construct),
    retryRemoteLocalities: given.remoteLocalities,
    retryIgnorePreviousHosts: given.ignorePreviousHosts,
  });
}

/** Two changes of headers, one after the other. */
export function headersAfter(
  first: VirtualServiceSpecHttpHeaders | undefined, second: VirtualServiceSpecHttpHeaders | undefined,
): VirtualServiceSpecHttpHeaders | undefined {
  if (first === undefined || second === undefined) {
    return second ?? first;
  }
  return defined({ request: operationsAfter(first.request, second.request), response: operationsAfter(first.response, second.response) });
}

function operationsAfter(first: VirtualServiceHeaderOperations = {}, second: VirtualServiceHeaderOperations = {}): VirtualServiceHeaderOperations | undefined {
  const remove = [...new Set([...first.remove ?? [], ...second.remove ?? []])];
  const joined = defined({
    set: first.set || second.set ? { ...first.set, ...second.set } : undefined,
    add: first.add || second.add ? { ...first.add, ...second.add } : undefined,
    remove: remove.length > 0 ? remove : undefined,
  });
  return Object.keys(joined).length > 0 ? joined : undefined;
}

function operations(given: HeaderOperations | undefined): VirtualServiceHeaderOperations | undefined {
  return given && defined({ set: given.set, add: given.add, remove: given.remove });
}

function corsPolicy(given: CorsPolicy): VirtualServiceSpecHttpCorsPolicy {
  return defined({
    allowOrigins: given.origins.map((origin) => origin === '*' ? { regex: '.*' } : originMatch(origin)),
    allowMethods: given.methods,
    allowHeaders: given.headers,
    exposeHeaders: given.expose,
    maxAge: given.maxAge && durationText(given.maxAge),
    allowCredentials: given.credentials,
    unmatchedPreflights: given.forwardUnmatched === undefined ? undefined : given.forwardUnmatched ? 'FORWARD' as const : 'IGNORE' as const,
  });
}

function originMatch(origin: string | StringMatch): VirtualServiceStringMatch {
  if (typeof origin === 'string') {
    return { exact: origin };
  }
  const { condition } = origin;
  return 'value' in condition ? { [condition.kind]: condition.value } : {};
}
