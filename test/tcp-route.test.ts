import { Gateway, MeshService, Port, TcpRoute } from '../src';
import { createWorld, hostOf } from './world';

function echo(world: ReturnType<typeof createWorld>) {
  return new MeshService(world.mesh, 'echo', { port: [80, Port.tcp(9000), Port.tcp(9001)], versions: { v1: { image: 'x' }, v2: { image: 'x' } } });
}
const to = (port: number, subset?: string, weight?: number) => ({ destination: { host: hostOf('echo'), port: { number: port }, ...(subset && { subset }) }, ...(weight && { weight }) });

describe('TcpRoute', () => {
  test('shares out the connections of one port, and leaves requests alone', () => {
    // GIVEN
    const world = createWorld();

    // WHEN
    new TcpRoute(world.mesh, 'shift', { service: echo(world), port: 9000, to: { v1: 80, v2: 20 } });

    // THEN
    expect(world.spec('VirtualService', 'echo')).toEqual({
      hosts: [hostOf('echo')],
      http: [{ route: [to(80)] }],
      tcp: [
        { match: [{ port: 9000 }], route: [to(9000, 'v1', 80), to(9000, 'v2', 20)] },
        { match: [{ port: 9001 }], route: [to(9001)] },
      ],
    });
  });

  test('is for callers, selected pods and addresses, and may leave the service', () => {
    // GIVEN
    const world = createWorld();
    const service = echo(world);
    const other = world.service('other');

    // WHEN
    new TcpRoute(world.mesh, 'for-some', { service, port: 9000, from: [world.service('web'), { namespace: 'tools' }, { labels: { tier: 'test' } }], to: 'v2' });
    new TcpRoute(world.mesh, 'far', { service, port: 9000, addresses: ['10.1.0.0/16'], to: [{ service: other.version('v1') }] });

    // THEN
    expect(world.spec('VirtualService', 'echo').tcp).toEqual([
      {
        match: [{ port: 9000, sourceNamespace: 'shop', sourceLabels: { app: 'web' } }, { port: 9000, sourceNamespace: 'tools' }, { port: 9000, sourceLabels: { tier: 'test' } }],
        route: [to(9000, 'v2')],
      },
      { match: [{ port: 9000, destinationSubnets: ['10.1.0.0/16'] }], route: [{ destination: { host: hostOf('other'), subset: 'v1' } }] },
      { match: [{ port: 9000 }], route: [to(9000)] },
      { match: [{ port: 9001 }], route: [to(9001)] },
    ]);
  });

  test('holds through a gateway', () => {
    const world = createWorld();
    const service = echo(world);
    new TcpRoute(world.mesh, 'shift', { service, port: 9001, to: 'v2' });
    new Gateway(world.mesh, 'edge').tcp(31400, service, { servicePort: 9001 });
    expect(world.spec('VirtualService', 'edge-tcp').tcp).toEqual([{ match: [{ port: 31400 }], route: [to(9001, 'v2')] }]);
  });

  describe('fails when', () => {
    const route = (props: object) => (world: ReturnType<typeof createWorld>) => new TcpRoute(world.mesh, 'route', { service: echo(world), ...props });
    const failures: [string, (world: ReturnType<typeof createWorld>) => unknown, string][] = [
      ['the port speaks HTTP', route({ port: 80 }), 'echo has no TCP port 80; it has http 80, tcp 9000, tcp 9001'],
      ['weights do not add up', route({ to: { v1: 1 } }), 'weights must add up to 100, got 1 (v1 1)'],
      ['an address is none', route({ addresses: ['host'] }), '"host" is neither an address nor a range'],
      ['another one takes the same connections', (world) => {
        const service = echo(world);
        return [new TcpRoute(world.mesh, 'one', { service, to: 'v1' }), new TcpRoute(world.mesh, 'two', { service, port: 9000, to: 'v2' })];
      }, 'chart/mesh/two (route to v2) can never match: chart/mesh/one (route to v1) already takes port exact 9000'],
    ];

    test.each(failures)('%s', (_when, act, message) => expect(() => act(createWorld())).toThrow(message));
  });
});
