import { Duration } from 'cdk8s';
import { ExternalService, Path, Port, Timeout } from '../src';
import { createWorld, hostOf } from './world';

describe('Timeout', () => {
  test('holds for every rule, and a narrower one for a part of them', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();
    const reviews = service('reviews');

    // WHEN
    new Timeout(mesh, 'all', { service: reviews, after: Duration.seconds(2) });
    new Timeout(mesh, 'reports', { service: reviews, match: { path: Path.prefix('/reports') }, after: Duration.seconds(30) });

    // THEN
    const route = [{ destination: { host: hostOf('reviews') } }];
    expect(spec('VirtualService', 'reviews').http).toEqual([
      { match: [{ uri: { prefix: '/reports' } }], route, timeout: '30s' },
      { route, timeout: '2s' },
    ]);
  });

  test('holds for an external service, and for each of its hosts', () => {
    const { mesh, all } = createWorld();
    const partner = new ExternalService(mesh, 'partner', { hosts: ['*.foo.com', 'bar.com'], port: Port.http(80) });
    new Timeout(mesh, 'partner-timeout', { service: partner, after: Duration.seconds(10) });
    expect(all('VirtualService').map(({ spec }) => [spec.hosts, spec.http[0].timeout])).toEqual([[['*.foo.com'], '10s'], [['bar.com'], '10s']]);
  });

  describe('fails when', () => {
    test('the time is nothing', () => {
      const { mesh, service } = createWorld();
      expect(() => new Timeout(mesh, 'never', { service: service('reviews'), after: Duration.seconds(0) })).toThrow('timeout must be at least one millisecond');
    });

    test('the service is used before it is declared', () => {
      const { mesh } = createWorld();
      expect(() => new Timeout(mesh, 'none', { service: undefined as never, after: Duration.seconds(1) })).toThrow('service is undefined');
    });
  });
});
