import type {
  VirtualServiceHeaderOperations, VirtualServiceSpecHttpCorsPolicy, VirtualServiceSpecHttpFaultAbort, VirtualServiceSpecHttpFaultDelay,
  VirtualServiceSpecHttpHeaders, VirtualServiceSpecHttpRetries,
} from '../../imports/istio/virtual-service.types';
import type { IConstruct } from 'constructs';
import type { Cors, HeaderOperations, Redirect, Retries, Rewrite, RouteOptions } from '../route-rule';
import { durationText, positiveDuration } from './duration-text';
import { defined } from './merge';
import { checkCors, checkHeaderChanges, checkRetries } from './option-checks';

/** A share of the traffic for a version, or for the whole service. */
export interface Share {
  readonly version?: string;
  readonly weight?: number;
}

/** Requests go to a version, or to several in shares. */
export interface Forward {
  readonly kind: 'forward';
  readonly shares: readonly Share[];
  readonly rewrite?: Rewrite;
}

/** Requests are answered by the proxy. */
export interface Answer {
  readonly kind: 'answer';
  readonly redirect: Redirect;
}

/** What may be said about a request besides where it goes; each is decided on its own. Values are Istio's. */
export interface Slots {
  readonly timeout?: string;
  readonly retries?: VirtualServiceSpecHttpRetries;
  readonly headers?: VirtualServiceSpecHttpHeaders;
  readonly corsPolicy?: VirtualServiceSpecHttpCorsPolicy;
  readonly delay?: VirtualServiceSpecHttpFaultDelay;
  readonly abort?: VirtualServiceSpecHttpFaultAbort;
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
    headers: options.changeHeaders && defined({
      request: operations(options.changeHeaders.request), response: operations(options.changeHeaders.response),
    }),
    corsPolicy: options.cors && corsPolicy(options.cors),
  });
}

function retries(given: Retries, construct: IConstruct): VirtualServiceSpecHttpRetries {
  checkRetries(given, construct);
  return defined({
    attempts: given.attempts,
    perTryTimeout: given.perTry && positiveDuration(given.perTry, 'retries.perTry', construct),
    retryOn: given.on?.join(','),
    backoff: given.backoff && positiveDuration(given.backoff, 'retries.backoff', construct),
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

function corsPolicy(given: Cors): VirtualServiceSpecHttpCorsPolicy {
  return defined({
    allowOrigins: given.origins.map((origin) => origin === '*' ? { regex: '.*' } : { exact: origin }),
    allowMethods: given.methods,
    allowHeaders: given.headers,
    exposeHeaders: given.expose,
    maxAge: given.maxAge && durationText(given.maxAge),
    allowCredentials: given.credentials,
  });
}
