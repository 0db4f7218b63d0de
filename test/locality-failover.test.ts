import { CircuitBreaker, LocalityFailover, OutlierDetection } from '../src';
import { createWorld } from './world';

describe('LocalityFailover', () => {
  test('names the region that steps in, and what instances should share', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();
    const reviews = service('reviews');

    // WHEN
    new LocalityFailover(mesh, 'near', { service: reviews, failover: { 'us-west': 'us-east' }, priority: ['topology.kubernetes.io/region', 'version=v1'] });
    new OutlierDetection(mesh, 'outliers', { service: reviews, consecutiveErrors: 1 });

    // THEN
    expect(spec('DestinationRule', 'reviews').trafficPolicy).toEqual({
      loadBalancer: { localityLbSetting: { failover: [{ from: 'us-west', to: 'us-east' }], failoverPriority: ['topology.kubernetes.io/region', 'version=v1'] } },
      outlierDetection: { consecutive5xxErrors: 1 },
    });
  });

  test('shares out by locality, which needs no outlier detection', () => {
    const { mesh, service, spec } = createWorld();
    new LocalityFailover(mesh, 'near', { service: service('reviews'), distribute: { 'us-west/*': { 'us-west/*': 80, 'us-east/*': 20 } } });
    expect(spec('DestinationRule', 'reviews').trafficPolicy.loadBalancer.localityLbSetting).toEqual({
      distribute: [{ from: 'us-west/*', to: { 'us-west/*': 80, 'us-east/*': 20 } }],
    });
  });

  test.each([[{}, { enabled: true }], [{ enabled: false }, { enabled: false }]])('turns it on and off: %j', (props, setting) => {
    const { mesh, service, spec } = createWorld();
    const reviews = service('reviews');
    new LocalityFailover(mesh, 'near', { service: reviews, ...props });
    new CircuitBreaker(mesh, 'breaker', { service: reviews, consecutiveErrors: 1 });
    expect(spec('DestinationRule', 'reviews').trafficPolicy.loadBalancer.localityLbSetting).toEqual(setting);
  });

  test('of a version is content with the outlier detection of the service', () => {
    const { mesh, service, app } = createWorld();
    const reviews = service('reviews');
    new LocalityFailover(mesh, 'near', { service: reviews, version: 'v1' });
    new OutlierDetection(mesh, 'outliers', { service: reviews });
    expect(app.node.findAll().flatMap((construct) => construct.node.validate())).toEqual([]);
  });

  describe('fails when', () => {
    test('nothing notices failures, at synth', () => {
      const { mesh, service } = createWorld();
      const failover = new LocalityFailover(mesh, 'near', { service: service('reviews') });
      expect(failover.node.validate()).toEqual([
        'chart/mesh/near: nothing notices that near instances of reviews fail, so nothing fails over; '
        + 'add an OutlierDetection or a CircuitBreaker with `consecutiveErrors` for the same service',
      ]);
    });

    test.each([
      ['shares do not add up', { distribute: { '*': { 'a/*': 50, 'b/*': 40 } } }, 'shares of callers in * must be whole percentages that add up to 100, got 90 (a/* 50, b/* 40)'],
      ['it does two things', { distribute: {}, failover: {} }, 'has both `distribute` and `failover`'],
      ['a region fails over to itself', { failover: { a: 'a' } }, 'region a fails over to itself'],
      ['a zone fails over', { failover: { 'a/b': 'c' } }, '`failover` names "a/b", which is no region'],
      ['it names no label', { priority: [] }, '`priority` names no label'],
    ])('%s', (_when, props, message) => {
      const { mesh, service } = createWorld();
      expect(() => new LocalityFailover(mesh, 'near', { service: service('reviews'), ...props })).toThrow(message);
    });
  });
});
