import type { Duration } from 'cdk8s';
import type { Retries } from './route-rule';

/**
 * What holds for the requests of all services of a mesh unless something narrower says otherwise. It is written into the VirtualService and
 * the DestinationRule of every service, because both runtimes read those: Istio's own defaults belong to whoever installed it.
 *
 * @example
 * new Mesh(chart, 'mesh-of-2017', { defaults: { timeout: Duration.seconds(15), loadBalancer: 'ROUND_ROBIN' } });
 */
export interface MeshDefaults {
  /**
   * The time for the whole answer, retries included. Writes `http[].timeout`.
   * @default none, as in Istio
   */
  readonly timeout?: Duration;
  /**
   * Retries of failed requests. Writes `http[].retries`.
   * @default Istio's: 2 attempts on connect-failure, refused-stream, unavailable, cancelled
   */
  readonly retries?: Retries;
  /**
   * How requests are spread over pods. Writes `trafficPolicy.loadBalancer.simple`.
   * @default Istio's, LEAST_REQUEST
   */
  readonly loadBalancer?: 'LEAST_REQUEST' | 'ROUND_ROBIN' | 'RANDOM';
}
