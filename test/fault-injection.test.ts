import { Duration } from 'cdk8s';
import { FaultInjection, Gateway, Header } from '../src';
import { createWorld, hostOf } from './world';

const jason = { headers: [Header.exact('end-user', 'jason')] };
const matched = [{ headers: { 'end-user': { exact: 'jason' } } }];

describe('FaultInjection', () => {
  test('delays the requests that match, whichever rule takes them', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();
    const ratings = service('ratings').route({ to: 'v1' });

    // WHEN
    new FaultInjection(mesh, 'slow', { service: ratings, match: jason, delay: { fixed: Duration.seconds(7), percent: 100 } });

    // THEN
    const route = [{ destination: { host: hostOf('ratings'), subset: 'v1' } }];
    expect(spec('VirtualService', 'ratings').http).toEqual([
      { match: matched, route, fault: { delay: { fixedDelay: '7s', percentage: { value: 100 } } } },
      { route },
    ]);
  });

  test('joins delays and aborts of several constructs', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();
    const ratings = service('ratings');

    // WHEN
    new FaultInjection(mesh, 'slow', { service: ratings, delay: { fixed: Duration.seconds(2), percent: 100 } });
    new FaultInjection(mesh, 'broken', { service: ratings, match: jason, abort: { status: 500, percent: 12.5 } });

    // THEN
    const delay = { fixedDelay: '2s', percentage: { value: 100 } };
    expect(spec('VirtualService', 'ratings').http.map(({ fault }: { fault: object }) => fault))
      .toEqual([{ delay, abort: { httpStatus: 500, percentage: { value: 12.5 } } }, { delay }]);
  });

  test('holds at gateways, unless it is for callers', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();
    const ratings = service('ratings');
    new Gateway(mesh, 'edge', { host: 'a.example.com' }).route(ratings);

    // WHEN
    new FaultInjection(mesh, 'for-all', { service: ratings, abort: { grpcStatus: 'UNAVAILABLE', percent: 10 } });
    new FaultInjection(mesh, 'for-web', { service: ratings, from: [service('web')], delay: { fixed: Duration.seconds(1), percent: 1 } });

    // THEN
    const abort = { grpcStatus: 'UNAVAILABLE', percentage: { value: 10 } };
    expect(spec('VirtualService', 'edge').http.map(({ fault }: { fault: object }) => fault)).toEqual([{ abort }]);
    expect(spec('VirtualService', 'ratings').http.map(({ fault, match }: { fault: object; match?: object }) => [fault, match])).toEqual([
      [{ abort, delay: { fixedDelay: '1s', percentage: { value: 1 } } }, [{ sourceNamespace: 'shop', sourceLabels: { app: 'web' } }]],
      [{ abort }, undefined],
    ]);
  });

  describe('fails when', () => {
    const fault = (props: object) => ({ mesh, service }: ReturnType<typeof createWorld>) => new FaultInjection(mesh, 'fault', { service: service('ratings'), ...props });
    const failures: [string, (world: ReturnType<typeof createWorld>) => unknown, string][] = [
      ['it injects nothing', fault({}), 'fault: injects no fault'],
      ['a percentage is out of range', fault({ abort: { status: 500, percent: 101 } }), 'abort.percent must be a percentage from 0 to 100, got 101'],
      ['a percentage is left out', fault({ abort: { status: 500 } }), 'abort.percent must be a percentage from 0 to 100, got undefined'],
      ['a delay is nothing', fault({ delay: { fixed: Duration.millis(0), percent: 1 } }), 'delay.fixed must be at least one millisecond'],
      ['a status is none', fault({ abort: { status: 42, percent: 1 } }), 'abort.status must be a whole number from 200 to 599, got 42'],
      ['another one delays the same requests', ({ mesh, service }) => {
        const delay = { fixed: Duration.seconds(1), percent: 1 };
        const ratings = service('ratings');
        return [new FaultInjection(mesh, 'one', { service: ratings, match: jason, delay }), new FaultInjection(mesh, 'two', { service: ratings, match: jason, delay })];
      }, 'chart/mesh/two (delay) can never match: chart/mesh/one (delay) already takes header end-user exact jason'],
    ];

    test.each(failures)('%s', (_when, act, message) => expect(() => act(createWorld())).toThrow(message));
  });
});
