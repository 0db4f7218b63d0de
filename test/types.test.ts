import { Duration } from 'cdk8s';
import {
  Algorithm, CanaryRoute, CircuitBreaker, ConnectionPool, ExternalService, FaultInjection, Gateway, GrpcRoute, LoadBalancer, LocalityFailover, MeshService, Mirror,
  OutlierDetection, Path, Port, TcpRoute, TlsRoute,
} from '../src';
import { createWorld } from './world';

/** The types of versions: `tsc` fails where an expected error is missing. */
describe('versions are types', () => {
  const { mesh } = createWorld();
  const reviews = new MeshService(mesh, 'reviews', { port: 9080, versions: { v1: { image: 'reviews:1' }, v2: { image: 'reviews:2' } } });

  test('a canary names versions of its service', () => {
    // @ts-expect-error '"v9"' is not assignable to '"v1" | "v2"'
    expect(() => new CanaryRoute(mesh, 'x', { service: reviews, stable: 'v1', canary: 'v9', weight: 10 })).toThrow('reviews has no version "v9"');
    // @ts-expect-error a stable version that does not exist
    expect(() => new CanaryRoute(mesh, 'y', { service: reviews, stable: 'v0', canary: 'v2', weight: 10 })).toThrow('reviews has no version "v0"');
  });

  test('rules name versions of their service', () => {
    // @ts-expect-error a version that does not exist
    expect(() => reviews.route({ to: 'v7' })).toThrow('reviews has no version "v7"');
    // @ts-expect-error a share for a version that does not exist
    expect(() => reviews.route({ to: { v1: 50, v7: 50 } })).toThrow('reviews has no version "v7"');
    // @ts-expect-error a caller of a version that does not exist
    expect(() => reviews.version('v7')).toThrow('reviews has no version "v7"');
  });

  test('a breaker names a version of its service', () => {
    // @ts-expect-error a version that does not exist
    expect(() => new CircuitBreaker(mesh, 'breaker', { service: reviews, version: 'v3', maxConnections: 1 })).toThrow('reviews has no version "v3"');
    const external = new ExternalService(mesh, 'external', { host: 'a.example.com', port: 80 });
    // @ts-expect-error external services have no versions
    expect(() => new CircuitBreaker(mesh, 'external-breaker', { service: external, version: 'v1', maxConnections: 1 })).toThrow('has no version "v1"');
  });

  test('every construct with a version knows which there are', () => {
    const echo = new MeshService(mesh, 'echo', { port: [Port.tcp(9000), Port.tls(443), Port.grpc(90)], versions: { v1: { image: 'echo:1' }, v2: { image: 'echo:2' } } });
    // @ts-expect-error a version that does not exist
    expect(() => new Mirror(mesh, 'mirror', { service: reviews, to: 'v9' })).toThrow('reviews has no version "v9"');
    // @ts-expect-error a version of another service that does not exist
    expect(() => new Mirror(mesh, 'mirror-echo', { service: reviews, to: echo.version('v9') })).toThrow('echo has no version "v9"');
    // @ts-expect-error a version that does not exist
    expect(() => new TcpRoute(mesh, 'tcp', { service: echo, to: 'v9' })).toThrow('echo has no version "v9"');
    // @ts-expect-error a share for a version that does not exist
    expect(() => new TlsRoute(mesh, 'tls', { service: echo, to: { v1: 50, v9: 50 } })).toThrow('echo has no version "v9"');
    // @ts-expect-error a version that does not exist
    expect(() => new GrpcRoute(mesh, 'grpc', { service: echo, to: 'v9' })).toThrow('echo has no version "v9"');
    // @ts-expect-error a version that does not exist
    expect(() => new LoadBalancer(mesh, 'balancer', { service: echo, version: 'v9', algorithm: Algorithm.RANDOM })).toThrow('echo has no version "v9"');
    // @ts-expect-error a version that does not exist
    expect(() => new ConnectionPool(mesh, 'pool', { service: echo, version: 'v9', maxRequests: 1 })).toThrow('echo has no version "v9"');
    // @ts-expect-error a version that does not exist
    expect(() => new OutlierDetection(mesh, 'outliers', { service: echo, version: 'v9' })).toThrow('echo has no version "v9"');
    // @ts-expect-error a version that does not exist
    expect(() => new LocalityFailover(mesh, 'near', { service: echo, version: 'v9' })).toThrow('echo has no version "v9"');
  });

  test('services of other repositories have typed versions too', () => {
    const payments = MeshService.fromName(mesh, 'payments', { namespace: 'payments', port: 8080, versions: ['v1', 'v2'] });
    payments.route({ match: { path: Path.exact('/a') }, to: 'v2' });
    // @ts-expect-error a version that does not exist
    expect(() => payments.route({ to: 'v3' })).toThrow('payments has no version "v3"');
    const whole = MeshService.fromName(mesh, 'whole', { port: 8080 });
    // @ts-expect-error it has no versions
    expect(() => whole.route({ to: 'v1' })).toThrow('whole has no version "v1"');
    const kept = MeshService.fromSelector(mesh, 'kept', { port: 8080, selector: { app: 'kept' }, versions: ['v1'] });
    // @ts-expect-error a version that does not exist
    expect(() => kept.route({ to: 'v2' })).toThrow('kept has no version "v2"');
  });

  test('faults need a percentage, and one kind of abort', () => {
    // @ts-expect-error Istio would take a missing percentage as none
    expect(() => new FaultInjection(mesh, 'a', { service: reviews, delay: { fixed: Duration.seconds(1) } })).toThrow('delay.percent');
    // @ts-expect-error an abort without a status
    expect(() => new FaultInjection(mesh, 'b', { service: reviews, abort: { percent: 10 } })).not.toThrow(TypeError);
  });

  test('gateways know what belongs together', () => {
    const web = new MeshService(mesh, 'web', { port: 80, versions: { v1: { image: 'x' } } });
    const edge = new Gateway(mesh, 'types-edge', { host: 'types.example.com' });
    // @ts-expect-error calls of gRPC have a service and a method, no path
    expect(() => edge.grpc(web, { path: Path.exact('/a') })).not.toThrow();
    // @ts-expect-error somebody else runs the proxies, and decides how many
    expect(() => Gateway.fromSelector(mesh, 'types-shared', { selector: { istio: 'a' }, host: 'types.example.com', replicas: 2 })).not.toThrow();
    // @ts-expect-error ranges are texts, ports are numbers
    expect(() => new MeshService(mesh, 'types-around', { port: 80, versions: { v1: { image: 'x' } }, capture: { excludeOutboundPorts: ['80'] } })).toThrow('excludeOutboundPorts');
  });

  test('calls and routes take services and external services, nothing else', () => {
    // @ts-expect-error a name is no service
    expect(() => reviews.call('ratings')).toThrow('calls[0] is no service of this App');
    const edge = new Gateway(mesh, 'edge', { host: 'b.example.com' });
    // @ts-expect-error a gateway is no service
    expect(() => edge.route(edge)).toThrow('the service is no service of this App');
  });
});
