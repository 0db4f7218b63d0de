import type { Duration } from 'cdk8s';
import type { CallerReference, DestinationVersion, ICallable } from './mesh-member';
import type { RequestMatch } from './request-match';
import type { StringMatch } from './string-match';

/** A share with something of its own. */
export interface WeightedShare {
  /** The share, in whole percent. Writes `weight`. */
  readonly weight: number;
  /**
   * Changes of headers for this share only. Writes `route[].headers`.
   * @default none
   */
  readonly changeHeaders?: HeaderChanges;
}

/** Shares of the traffic per version, in percent; they add up to 100. Writes `http[].route[].weight`. */
export type Weights<V extends string> = [V] extends [never] ? never : { readonly [version in V]?: number | WeightedShare };

/** A share that goes to a service, or to a version of one (`httpd.version('v2')`), which may be another than the one that was called. */
export interface Destination {
  /** The service, or a version of one. */
  readonly service: ICallable | DestinationVersion;
  /**
   * The share, in whole percent.
   * @default 100, for a destination that stands alone
   */
  readonly weight?: number;
  /**
   * Its port, where it has several.
   * @default the port that was called if it has it, else its first
   */
  readonly port?: number;
  /**
   * Changes of headers for this share only. Writes `route[].headers`.
   * @default none
   */
  readonly changeHeaders?: HeaderChanges;
}

/** When a failed request is tried again: Envoy's words, and any other text that Istio's `retryOn` takes, such as `'503'`. */
export type RetryOn =
  | '5xx' | 'gateway-error' | 'reset' | 'reset-before-request' | 'connect-failure' | 'refused-stream' | 'retriable-4xx' | 'envoy-ratelimited'
  | 'cancelled' | 'deadline-exceeded' | 'internal' | 'resource-exhausted' | 'unavailable'
  | (string & {});

/** Retries of failed requests. Writes `http[].retries`. */
export interface Retries {
  /** How many times a failed request is tried again; 0 means never. */
  readonly attempts: number;
  /**
   * Time for each try, retries included.
   * @default the timeout of the route
   */
  readonly perTry?: Duration;
  /**
   * What counts as failed.
   * @default Istio's: `connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes`
   */
  readonly on?: readonly RetryOn[];
  /**
   * The pause before the first retry; it grows with every further one.
   * @default Envoy's, 25 ms
   */
  readonly backoff?: Duration;
  /**
   * Whether retries may go to other localities. Writes `retryRemoteLocalities`.
   * @default false
   */
  readonly remoteLocalities?: boolean;
  /**
   * Whether a retry may not go to an instance that was tried before. Writes `retryIgnorePreviousHosts`.
   * @default true
   */
  readonly ignorePreviousHosts?: boolean;
}

/** Changes of a request's path or host before it is sent on. Writes `http[].rewrite`. */
export type Rewrite =
  | {
    /** Replaces the prefix that the match found; where it ends with a slash, the prefix is matched as a folder. */
    readonly prefix: string;
    /** Replaces the host (authority) too. @default the host stays */
    readonly host?: string;
  }
  | {
    /** Replaces the whole path; the query stays. */
    readonly path: string;
    /** Replaces the host (authority) too. @default the host stays */
    readonly host?: string;
  }
  | {
    /** Replaces what this RE2 regular expression finds in the path. Writes `uriRegexRewrite`. */
    readonly regex: string;
    /** What stands there instead; `\\1` is the first group. */
    readonly replacement: string;
    /** Replaces the host (authority) too. @default the host stays */
    readonly host?: string;
  }
  | {
    /** Replaces the host (authority) only. */
    readonly host: string;
  };

/** An answer that sends the client elsewhere. Writes `http[].redirect`. */
export interface Redirect {
  /**
   * The new path; the query stays.
   * @default the request's own
   */
  readonly path?: string;
  /**
   * What the prefix that matched becomes; the rest of the path stays. Cannot stand with `path`. Writes `prefixRewrite`.
   * @default the path stays
   */
  readonly prefix?: string;
  /**
   * The new host.
   * @default the request's own
   */
  readonly host?: string;
  /**
   * The new scheme.
   * @default the request's own
   */
  readonly scheme?: 'http' | 'https';
  /**
   * The new port; 'scheme' for that of the scheme, 'request' for the one that the client used. Writes `port`, or `derivePort`.
   * @default the scheme's
   */
  readonly port?: number | 'scheme' | 'request';
  /**
   * The status of the answer.
   * @default 301
   */
  readonly code?: 301 | 302 | 303 | 307 | 308;
}

/** Changes of headers. Writes `headers.request` or `headers.response`. */
export interface HeaderOperations {
  /** Headers that get this value, replacing what was there. @default none */
  readonly set?: Readonly<Record<string, string>>;
  /** Headers that get this value in addition to what was there. @default none */
  readonly add?: Readonly<Record<string, string>>;
  /** Headers that are taken away. @default none */
  readonly remove?: readonly string[];
}

/** Changes of the headers of requests and of responses. Writes `http[].headers`. */
export interface HeaderChanges {
  /** Changes before the request is sent on. @default none */
  readonly request?: HeaderOperations;
  /** Changes before the response is given to the client. @default none */
  readonly response?: HeaderOperations;
}

/** What other sites' pages may do with the answers. Writes `http[].corsPolicy`. */
export interface CorsPolicy {
  /** Origins whose pages may read the answers: `https://shop.example.com`, `*`, or a pattern: `StringMatch.regex('https://.*\\.example\\.com')`. */
  readonly origins: readonly (string | StringMatch)[];
  /** @default none beyond the simple methods */
  readonly methods?: readonly string[];
  /** Request headers that pages may send. @default none beyond the simple headers */
  readonly headers?: readonly string[];
  /** Response headers that pages may read. @default none beyond the simple headers */
  readonly expose?: readonly string[];
  /** How long a browser may remember the answer to its preflight request. @default the browser's own */
  readonly maxAge?: Duration;
  /** Whether pages may send cookies. @default false */
  readonly credentials?: boolean;
  /**
   * Whether preflight requests of other origins are sent on to the service, which then answers them. Writes `unmatchedPreflights`.
   * @default true, as in Istio
   */
  readonly forwardUnmatched?: boolean;
}

/** An answer that the proxy gives itself. Writes `http[].directResponse`. */
export interface FixedAnswer {
  /** The HTTP status. */
  readonly status: number;
  /**
   * The body: a text, or bytes. Its Content-Type is `text/plain` unless `changeHeaders` says otherwise.
   * @default empty
   */
  readonly body?: string | Uint8Array;
}

/** What may be said about requests besides where they go. */
export interface RouteOptions {
  /**
   * The time for the whole answer, retries included. Writes `http[].timeout`.
   * @default none
   */
  readonly timeout?: Duration;
  /**
   * Retries of failed requests. Writes `http[].retries`.
   * @default Istio's: 2 attempts on connect-failure, refused-stream, unavailable, cancelled
   */
  readonly retries?: Retries;
  /**
   * Changes of headers. Writes `http[].headers`.
   * @default none
   */
  readonly changeHeaders?: HeaderChanges;
  /**
   * Cross-origin requests. Writes `http[].corsPolicy`.
   * @default none are allowed by the proxy
   */
  readonly cors?: CorsPolicy;
}

/** The requests a rule is for. */
export interface RuleScope {
  /**
   * Conditions on the request; an array is an OR.
   * @default every request
   */
  readonly match?: RequestMatch | readonly RequestMatch[];
  /**
   * Only requests of these callers: services, or versions of one (`reviews.version('v2')`). Such a rule means nothing at a gateway.
   * Writes `match[].sourceLabels` and `sourceNamespace`.
   * @default whoever calls
   */
  readonly from?: readonly CallerReference[];
}

/** Options that hold for the requests of a service without choosing where they go. See `MeshService.decorate`. */
export interface Decoration extends RuleScope, RouteOptions {}

/**
 * Where requests of a service go.
 *
 * @example
 * reviews.route({ from: [productpage], to: 'v1', retries: { attempts: 3, perTry: Duration.millis(500), on: ['5xx', 'reset'] } });
 */
export interface RouteRule<V extends string> extends RuleScope, RouteOptions {
  /**
   * A version, or shares of several in percent, or of several services. Writes `http[].route` (and `tcp[].route` for TCP ports).
   * @default the whole service, every version alike
   */
  readonly to?: V | Weights<V> | readonly Destination[];
  /**
   * Changes the path or host before the request is sent on.
   * @default nothing
   */
  readonly rewrite?: Rewrite;
  /**
   * Sends the client elsewhere instead; cannot stand with `to`.
   * @default nothing
   */
  readonly redirect?: Redirect;
  /**
   * Answers itself instead; cannot stand with `to`.
   * @default nothing
   */
  readonly answer?: FixedAnswer;
  /**
   * The name of the route, which logs and statistics show. Writes `http[].name`.
   * @default none
   */
  readonly name?: string;
  /**
   * Requests of this route are counted in statistics of this name. Writes `match[].statPrefix`.
   * @default none
   */
  readonly statPrefix?: string;
}
