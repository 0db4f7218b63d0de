import { Duration } from 'cdk8s';
import { Retry } from '../src';
import { createWorld } from './world';

describe('Retry', () => {
  test('writes every field', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();

    // WHEN
    new Retry(mesh, 'retry', {
      service: service('reviews'), attempts: 3, perTry: Duration.millis(500), on: ['5xx', 'reset', '429'], backoff: Duration.millis(10), remoteLocalities: true, ignorePreviousHosts: false,
    });

    // THEN
    expect(spec('VirtualService', 'reviews').http[0].retries).toEqual({
      attempts: 3, perTryTimeout: '0.5s', retryOn: '5xx,reset,429', backoff: '0.01s', retryRemoteLocalities: true, retryIgnorePreviousHosts: false,
    });
  });

  test('turns retries off', () => {
    const { mesh, service, spec } = createWorld();
    new Retry(mesh, 'never', { service: service('reviews'), attempts: 0 });
    expect(spec('VirtualService', 'reviews').http[0].retries).toEqual({ attempts: 0 });
  });

  test('loses to the retries of a rule', () => {
    const { mesh, service, spec } = createWorld();
    new Retry(mesh, 'retry', { service: service('reviews').route({ to: 'v1', retries: { attempts: 1 } }), attempts: 5 });
    expect(spec('VirtualService', 'reviews').http).toEqual([expect.objectContaining({ retries: { attempts: 1 } })]);
  });

  test.each([
    ['there are no attempts to which the rest belongs', { attempts: 0, remoteLocalities: true }, 'leave `remoteLocalities` out, or allow attempts'],
    ['a condition is unknown', { attempts: 1, on: ['6xx'] }, '`retries.on` has "6xx", which Istio does not know'],
  ])('fails when %s', (_when, props, message) => {
    const { mesh, service } = createWorld();
    expect(() => new Retry(mesh, 'retry', { service: service('reviews'), ...props })).toThrow(message);
  });
});
