import { Chart, Duration, Testing } from 'cdk8s';
import { Mesh, MeshService, type HealthCheck } from '../src';

function annotationsWith(healthCheck?: HealthCheck): Record<string, string> | undefined {
  // GIVEN
  const chart = new Chart(Testing.app(), 'shop', { namespace: 'shop' });
  const mesh = new Mesh(chart, 'mesh');

  // WHEN
  new MeshService(mesh, 'cart', { port: 8080, versions: { v1: { image: 'example/cart:1' } }, healthCheck });

  // THEN
  return Testing.synth(chart).find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'cart').metadata.annotations;
}

describe('health checks by callers', () => {
  test('are annotations of the Service', () => {
    expect(annotationsWith({ path: '/healthz', interval: Duration.millis(500), timeout: Duration.seconds(2), unhealthyAfter: 5, healthyAfter: 1 })).toEqual({
      'health.cdk8s-istio.dev/check': 'http',
      'health.cdk8s-istio.dev/path': '/healthz',
      'health.cdk8s-istio.dev/interval': '0.5s',
      'health.cdk8s-istio.dev/timeout': '2s',
      'health.cdk8s-istio.dev/unhealthy-after': '5',
      'health.cdk8s-istio.dev/healthy-after': '1',
    });
  });

  test('need no path: a connection is enough', () => {
    expect(annotationsWith({})).toEqual({ 'health.cdk8s-istio.dev/check': 'tcp' });
    expect(annotationsWith()).toBeUndefined();
  });

  test.each<[string, HealthCheck, string]>([
    ['a path without a slash', { path: 'healthz' }, 'healthCheck.path must begin with "/", got "healthz"'],
    ['a threshold of nothing', { unhealthyAfter: 0 }, 'healthCheck.unhealthyAfter'],
    ['no time at all', { timeout: Duration.millis(0) }, 'healthCheck.timeout must be at least one millisecond'],
  ])('fail with %s', (_, healthCheck, problem) => {
    expect(() => annotationsWith(healthCheck)).toThrow(problem);
  });
});
