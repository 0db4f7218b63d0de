import { Duration } from 'cdk8s';
import { CircuitBreaker, istio } from '../../src';
import { createWorld, hostOf } from '../world';

const route = { http: [{ route: [{ destination: { host: hostOf('reviews') } }] }] };
const errorsOf = ({ app }: ReturnType<typeof createWorld>) => {
  app.node.validate();
  return app.node.findAll().flatMap((construct) => construct.node.validate());
};

describe('raw objects beside constructs', () => {
  test('may not rule a host that a construct rules', () => {
    // GIVEN
    const world = createWorld();
    const reviews = world.service('reviews').route({ to: 'v1' });
    new CircuitBreaker(world.mesh, 'breaker', { service: reviews, connectTimeout: Duration.seconds(1) });

    // WHEN
    new istio.VirtualService(world.chart, 'raw', { metadata: { name: 'raw' }, spec: { hosts: ['reviews'], ...route } });
    new istio.DestinationRule(world.chart, 'raw-rule', { metadata: { name: 'raw' }, spec: { host: 'reviews', subsets: [{ name: 'v2', labels: { version: 'v2' } }] } });

    // THEN
    expect(errorsOf(world)).toEqual([
      expect.stringContaining('VirtualService raw: reviews.shop.svc.cluster.local: chart/mesh/reviews/virtual-service and chart/raw both have rules for it'),
      expect.stringContaining('DestinationRule raw: reviews.shop.svc.cluster.local (subset v2): chart/mesh/reviews/destination-rule and chart/raw-rule both say this of it'),
    ]);
  });

  test('may rule it at gateways, for other callers, or in what constructs leave open', () => {
    const world = createWorld();
    world.service('reviews').route({ to: 'v1' });
    new istio.VirtualService(world.chart, 'edge', { metadata: { name: 'edge' }, spec: { hosts: ['reviews'], gateways: ['other/edge'], ...route } });
    new istio.VirtualService(world.chart, 'own', { metadata: { name: 'own' }, spec: { hosts: ['reviews'], exportTo: ['.'], ...route } });
    new istio.DestinationRule(world.chart, 'rule', { metadata: { name: 'rule' }, spec: { host: 'reviews', trafficPolicy: { loadBalancer: { simple: 'RANDOM' } } } });
    expect(errorsOf(world)).toEqual([]);
  });
});
