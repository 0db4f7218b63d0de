import { GrpcRoute, Header, MeshService, Port } from '../src';
import { createWorld, hostOf } from './world';

function greeter(world: ReturnType<typeof createWorld>) {
  return new MeshService(world.mesh, 'greeter', { port: Port.grpc(90), versions: { v1: { image: 'x' }, v2: { image: 'x' } } });
}

describe('GrpcRoute', () => {
  test('routes by service, method and metadata', () => {
    // GIVEN
    const world = createWorld();
    const service = greeter(world);

    // WHEN
    new GrpcRoute(world.mesh, 'new', {
      service, to: 'v2', match: [{ grpcService: 'helloworld.Greeter', method: ['SayHello', 'SayBye'] }, { metadata: [Header.exact('x-beta', 'yes')] }], retries: { attempts: 2, on: ['unavailable'] },
    });
    new GrpcRoute(world.mesh, 'health', { service, match: { grpcService: 'grpc.health.v1.Health' }, to: 'v1' });

    // THEN
    const route = (subset?: string) => [{ destination: { host: hostOf('greeter'), ...(subset && { subset }) } }];
    const retries = { attempts: 2, retryOn: 'unavailable' };
    expect(world.spec('VirtualService', 'greeter').http).toEqual([
      { match: [{ uri: { exact: '/helloworld.Greeter/SayHello' } }, { uri: { exact: '/helloworld.Greeter/SayBye' } }], route: route('v2'), retries },
      { match: [{ uri: { prefix: '/grpc.health.v1.Health/' } }], route: route('v1') },
      { match: [{ headers: { 'x-beta': { exact: 'yes' } } }], route: route('v2'), retries },
      { route: route() },
    ]);
  });

  test('is for the gRPC ports of a service that has others', () => {
    const world = createWorld();
    const service = new MeshService(world.mesh, 'greeter', { port: [80, Port.grpc(90)], versions: { v1: { image: 'x' } } });
    new GrpcRoute(world.mesh, 'all', { service, to: 'v1' });
    const to = (port: number, subset?: string) => ({ match: [{ port }], route: [{ destination: { host: hostOf('greeter'), port: { number: port }, ...(subset && { subset }) } }] });
    expect(world.spec('VirtualService', 'greeter').http).toEqual([to(80), to(90, 'v1')]);
  });

  test.each([
    ['a method stands alone', { match: { method: 'SayHello' } }, '`method` stands without `grpcService`'],
    ['a name is a path', { match: { grpcService: '/helloworld.Greeter/' } }, '"/helloworld.Greeter/" is no name in gRPC'],
    ['there is no such port', { port: 80 }, 'greeter has no port 80 for gRPC'],
  ])('fails when %s', (_when, props, message) => {
    const world = createWorld();
    expect(() => new GrpcRoute(world.mesh, 'route', { service: greeter(world), ...props })).toThrow(message);
  });
});
