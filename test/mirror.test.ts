import { ExternalService, Gateway, Header, Mirror, Port } from '../src';
import { createWorld, hostOf } from './world';

const jason = { headers: [Header.exact('end-user', 'jason')] };

describe('Mirror', () => {
  test('copies the requests of every rule to a version', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();
    const reviews = service('reviews').route({ to: 'v1' });

    // WHEN
    new Mirror(mesh, 'shadow', { service: reviews, to: 'v2', percent: 50 });

    // THEN
    const host = hostOf('reviews');
    expect(spec('VirtualService', 'reviews').http).toEqual([{
      route: [{ destination: { host, subset: 'v1' } }],
      mirrors: [{ destination: { host, subset: 'v2' }, percentage: { value: 50 } }],
    }]);
  });

  test('adds up with others, to other services and versions of them, where it matches', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();
    const [reviews, audit] = [service('reviews'), service('audit')];
    const archive = new ExternalService(mesh, 'archive', { host: 'archive.example.com', port: [Port.http(80), Port.http(8080)] });

    // WHEN
    new Mirror(mesh, 'to-audit', { service: reviews, to: audit });
    new Mirror(mesh, 'to-audit-v2', { service: reviews, match: jason, to: audit.version('v2'), percent: 0.5 });
    new Mirror(mesh, 'to-archive', { service: reviews, match: jason, to: archive, port: 8080 });

    // THEN
    const mirrors = spec('VirtualService', 'reviews').http.map(({ mirrors: list }: { mirrors: object }) => list);
    expect(mirrors).toEqual([
      [
        { destination: { host: 'archive.example.com', port: { number: 8080 } } },
        { destination: { host: hostOf('audit') } },
        { destination: { host: hostOf('audit'), subset: 'v2' }, percentage: { value: 0.5 } },
      ],
      [{ destination: { host: hostOf('audit') } }],
    ]);
  });

  test('holds at gateways', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();
    const reviews = service('reviews');
    new Gateway(mesh, 'edge', { host: 'a.example.com' }).route(reviews);

    // WHEN
    new Mirror(mesh, 'shadow', { service: reviews, to: 'v2' });

    // THEN
    const port = { number: 80 };
    expect(spec('VirtualService', 'edge').http).toEqual([{
      route: [{ destination: { host: hostOf('reviews'), port } }],
      mirrors: [{ destination: { host: hostOf('reviews'), subset: 'v2', port } }],
    }]);
  });

  describe('fails when', () => {
    const mirror = (props: object) => ({ mesh, service }: ReturnType<typeof createWorld>) => new Mirror(mesh, 'mirror', { service: service('reviews'), to: 'v2', ...props });
    const failures: [string, (world: ReturnType<typeof createWorld>) => unknown, string][] = [
      ['a percentage is out of range', mirror({ percent: 101 }), 'percent must be a percentage from 0 to 100, got 101'],
      ['the version does not exist', mirror({ to: 'v9' }), 'reviews has no version "v9"'],
      ['the other service is none', mirror({ to: undefined }), 'to is undefined'],
      ['another one copies the same requests there', ({ mesh, service }) => {
        const reviews = service('reviews');
        return [new Mirror(mesh, 'one', { service: reviews, to: 'v2' }), new Mirror(mesh, 'two', { service: reviews, to: 'v2' })];
      }, 'two values for mirror to v2 without a condition: chart/mesh/one (mirror to v2) and chart/mesh/two (mirror to v2)'],
    ];

    test.each(failures)('%s', (_when, act, message) => expect(() => act(createWorld())).toThrow(message));
  });
});
