import { Duration } from 'cdk8s';
import { OutlierDetection } from '../src';
import { createWorld } from './world';

describe('OutlierDetection', () => {
  test('writes every field', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();

    // WHEN
    new OutlierDetection(mesh, 'outliers', {
      service: service('reviews'), consecutiveErrors: 0, consecutiveGatewayErrors: 3, consecutiveConnectionFailures: 2, errorStatuses: [429, 503],
      interval: Duration.seconds(1), ejectFor: Duration.minutes(1), maxEjectionPercent: 50, minHealthPercent: 10,
    });

    // THEN
    expect(spec('DestinationRule', 'reviews').trafficPolicy).toEqual({
      outlierDetection: {
        consecutive5xxErrors: 0, consecutiveGatewayErrors: 3, splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 2,
        outlierDetectionHttpErrorCodes: [429, 503], interval: '1s', baseEjectionTime: '60s', maxEjectionPercent: 50, minHealthPercent: 10,
      },
    });
  });

  test('has Istio\'s default without any limit', () => {
    const { mesh, service, spec } = createWorld();
    new OutlierDetection(mesh, 'outliers', { service: service('reviews') });
    expect(spec('DestinationRule', 'reviews').trafficPolicy).toEqual({ outlierDetection: { consecutive5xxErrors: 5 } });
  });

  test.each([
    ['a status is none', { errorStatuses: [42] }, 'errorStatuses must be a whole number from 100 to 599, got 42'],
    ['no status is an error', { errorStatuses: [] }, '`errorStatuses` is empty'],
    ['a percentage is out of range', { minHealthPercent: 101 }, 'minHealthPercent must be a whole number from 0 to 100, got 101'],
  ])('fails when %s', (_when, props, message) => {
    const { mesh, service } = createWorld();
    expect(() => new OutlierDetection(mesh, 'outliers', { service: service('reviews'), ...props })).toThrow(message);
  });
});
