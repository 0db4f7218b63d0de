import { key } from '../../model/attachment';

/** Probes that callers' proxies send to every endpoint. Times in milliseconds. */
export interface HealthCheck {
  /** Undefined: a connection is enough. */
  readonly path?: string;
  readonly interval: number;
  readonly timeout: number;
  /** Failures in a row after which an endpoint is out. An answer that is not 200 puts it out at once. */
  readonly unhealthyAfter: number;
  /** Successes in a row after which it is back. */
  readonly healthyAfter: number;
}

export const healthCheck = key<HealthCheck>('healthCheck', 'host');
