import { Duration } from 'cdk8s';
import { ExternalService, Gateway, Header, CanaryRoute, FaultInjection, MeshService, Port, TrafficShift, WeightOwner } from '../src';
import { createWorld } from './world';

const weights = (http: { route: { weight: number }[] }) => http.route.map(({ weight }) => weight);

describe('TrafficShift', () => {
  test.each([[undefined, [100, 0]], [1, [90, 10]], [3, [0, 100]]])('at step %s shares out %j', (step, shares) => {
    const { mesh, service, spec } = createWorld();
    const shift = new TrafficShift(mesh, 'shift', { service: service('reviews'), from: 'v1', to: 'v2', steps: [10, 50, 100], step });
    expect([spec('VirtualService', 'reviews').http.map(weights), shift.weight]).toEqual([[shares], shares[1]]);
  });

  test('shifts connections, and external services', () => {
    // GIVEN
    const { mesh, spec } = createWorld();
    const db = new ExternalService(mesh, 'db', { host: 'db.example.com', port: Port.tcp(5432), versions: { old: ['10.0.0.1'], new: ['10.0.0.2'] } });

    // WHEN
    new TrafficShift(mesh, 'shift', { service: db, from: 'old', to: 'new', steps: [20, 100], step: 1 });

    // THEN
    const to = (subset: string, weight: number) => ({ destination: { host: 'db.example.com', subset }, weight });
    expect(spec('VirtualService', 'db').tcp).toEqual([{ match: [{ port: 5432 }], route: [to('old', 80), to('new', 20)] }]);
  });

  test.each([
    ['there is no such step', { step: 4 }, 'step must be a whole number from 0 to 3, got 4'],
    ['steps go back', { steps: [50, 10] }, 'steps go back from 50 to 10'],
    ['there are none', { steps: [] }, 'has no steps'],
  ])('fails when %s', (_when, props, message) => {
    const { mesh, service } = createWorld();
    expect(() => new TrafficShift(mesh, 'shift', { service: service('reviews'), from: 'v1', to: 'v2', steps: [10, 50, 100], ...props })).toThrow(message);
  });
});

describe('weights that Argo Rollouts decides', () => {
  test('begin with the stable version, in named routes, at gateways too', () => {
    // GIVEN
    const { mesh, service, spec, one } = createWorld();
    const reviews = service('reviews');
    new Gateway(mesh, 'edge', { host: 'a.example.com' }).route(reviews);

    // WHEN
    const canary = new CanaryRoute(mesh, 'reviews-canary', {
      service: reviews, stable: 'v1', canary: 'v2', weight: WeightOwner.argoRollouts({ steps: [5, 50], pause: Duration.minutes(10) }),
    });
    new FaultInjection(mesh, 'slow', { service: reviews, match: { headers: [Header.present('x-slow')] }, delay: { fixed: Duration.seconds(1), percent: 100 } });

    // THEN
    expect(spec('Rollout', 'reviews')).toEqual({
      replicas: 1,
      selector: { matchLabels: { app: 'reviews' } },
      workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'reviews-v2', scaleDown: 'onsuccess' },
      strategy: {
        canary: {
          trafficRouting: {
            istio: {
              virtualServices: [
                { name: 'reviews', routes: ['reviews-canary', 'reviews-canary-2'] },
                { name: 'edge', routes: ['reviews-canary', 'reviews-canary-2'] },
              ],
              destinationRule: { name: 'reviews', canarySubsetName: 'v2', stableSubsetName: 'v1' },
            },
          },
          steps: [{ setWeight: 5 }, { pause: { duration: '600s' } }, { setWeight: 50 }, { pause: { duration: '600s' } }],
        },
      },
    });
    expect(spec('VirtualService', 'reviews').http.map(weights)).toEqual([[100, 0], [100, 0]]);
    expect(spec('DestinationRule', 'reviews').subsets).toEqual([{ name: 'v1', labels: { app: 'reviews' } }, { name: 'v2', labels: { app: 'reviews' } }]);
    expect(one('VirtualService', 'reviews').metadata.annotations).toEqual({ 'cdk8s-istio.dev/weights-decided-by': 'argoproj.io/Rollout reviews' });
    expect(canary.ignoreDifferences[0]).toEqual({
      group: 'networking.istio.io', kind: 'VirtualService', name: 'reviews', namespace: 'shop',
      jqPathExpressions: ['reviews-canary', 'reviews-canary-2'].map((name) => `.spec.http[] | select(.name == "${name}") | .route[].weight`),
    });
  });

  test('go through the steps of a shift, each until a person promotes it', () => {
    const { mesh, service, spec } = createWorld();
    new TrafficShift(mesh, 'shift', { service: service('reviews'), from: 'v1', to: 'v2', steps: [20, 100], step: WeightOwner.argoRollouts() });
    expect(spec('Rollout', 'reviews').strategy.canary.steps).toEqual([{ setWeight: 20 }, { pause: {} }, { setWeight: 100 }, { pause: {} }]);
  });

  test('need a Deployment of the mesh', () => {
    const { mesh } = createWorld();
    const kept = MeshService.fromSelector(mesh, 'kept', { port: 80, selector: { app: 'kept' }, versions: ['v1', 'v2'] });
    expect(() => new CanaryRoute(mesh, 'canary', { service: kept, stable: 'v1', canary: 'v2', weight: WeightOwner.argoRollouts() }))
      .toThrow('hands its weights to somebody who rolls out a Deployment');
  });
});

describe('weights that Flagger decides', () => {
  test('are in objects that Flagger writes itself', () => {
    // GIVEN
    const { mesh, service, spec, all } = createWorld();
    const reviews = service('reviews');

    // WHEN
    new CanaryRoute(mesh, 'reviews-canary', { service: reviews, stable: 'v1', canary: 'v2', weight: WeightOwner.flagger({ steps: [10, 40], interval: Duration.seconds(30), successRate: 99.5 }) });

    // THEN
    expect(spec('Canary', 'reviews-v2')).toEqual({
      provider: 'istio',
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'reviews-v2' },
      service: { name: 'reviews', port: 80, targetPort: 80, portName: 'http', appProtocol: 'http', gateways: ['mesh'], hosts: ['reviews'] },
      analysis: {
        interval: '30s', threshold: 5, stepWeights: [10, 40],
        metrics: [
          { name: 'request-success-rate', interval: '30s', thresholdRange: { min: 99.5 } },
          { name: 'request-duration', interval: '30s', thresholdRange: { max: 500 } },
        ],
      },
    });
    expect([...all('VirtualService'), ...all('DestinationRule'), ...all('Service').filter(({ metadata }) => metadata.name === 'reviews')]).toEqual([]);
  });

  test('leave no room for other rules', () => {
    const { mesh, service } = createWorld();
    const reviews = service('reviews');
    new CanaryRoute(mesh, 'canary', { service: reviews, stable: 'v1', canary: 'v2', weight: WeightOwner.flagger() });
    expect(() => reviews.decorate({ timeout: Duration.seconds(1) })).toThrow('the VirtualService of reviews is written by Flagger, for chart/mesh/canary, which knows of no other rules');
    expect(() => new CanaryRoute(mesh, 'other-canary', { service: service('other').route({ to: 'v1' }), stable: 'v1', canary: 'v2', weight: WeightOwner.flagger() }))
      .toThrow('the VirtualService of other is written by Flagger');
  });
});
