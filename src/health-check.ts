import type { Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { MeshError } from './mesh-error';
import { positiveDuration } from './private/duration-text';
import { checkWhole } from './private/number-range';

/**
 * Probes that the proxies of callers send to every pod of a service, besides those of Kubernetes: a pod that does not answer is left out
 * by each caller for itself, and at once when it answers anything but 200. Written as annotations of the Service,
 * `health.cdk8s-istio.dev/*`, which the bundled runtime reads; Istio has no field for it and leaves them alone.
 *
 * @example
 * new MeshService(mesh, 'probed', { port: 8080, versions: { v1: { image: 'example/probed:1' } }, healthCheck: { path: '/healthz' } });
 */
export interface HealthCheck {
  /**
   * The path that is asked for on ports that speak HTTP.
   * @default none: it is enough that a connection can be made
   */
  readonly path?: string;
  /**
   * Time between two probes.
   * @default Duration.seconds(5)
   */
  readonly interval?: Duration;
  /**
   * Time for an answer.
   * @default Duration.seconds(1)
   */
  readonly timeout?: Duration;
  /**
   * Probes in a row without an answer after which a pod is left out, 1 to 100.
   * @default 3
   */
  readonly unhealthyAfter?: number;
  /**
   * Answers of 200 in a row after which it is called again, 1 to 100.
   * @default 2
   */
  readonly healthyAfter?: number;
}

const PREFIX = 'health.cdk8s-istio.dev/';

/** The annotations of a Service. @internal */
export function healthAnnotations({ path, interval, timeout, unhealthyAfter, healthyAfter }: HealthCheck, construct: IConstruct): Readonly<Record<string, string>> {
  if (path !== undefined && !path.startsWith('/')) {
    throw new MeshError({ construct, code: 'invalid-value', problem: `healthCheck.path must begin with "/", got ${JSON.stringify(path)}`, fix: `write '/${path}'` });
  }
  const time = (name: string, value: Duration | undefined) => value && positiveDuration(value, `healthCheck.${name}`, construct);
  const count = (name: string, value: number | undefined) => {
    if (value !== undefined) {
      checkWhole(value, `healthCheck.${name}`, construct, { min: 1, max: 100 });
    }
    return value?.toString();
  };
  const words: Readonly<Record<string, string | undefined>> = {
    'check': path === undefined ? 'tcp' : 'http',
    path,
    'interval': time('interval', interval),
    'timeout': time('timeout', timeout),
    'unhealthy-after': count('unhealthyAfter', unhealthyAfter),
    'healthy-after': count('healthyAfter', healthyAfter),
  };
  return Object.fromEntries(Object.entries(words).flatMap(([word, value]) => (value === undefined ? [] : [[PREFIX + word, value]])));
}
