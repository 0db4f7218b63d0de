import { App, Chart, Duration, JsonPatch, Testing } from 'cdk8s';
import * as plus from 'cdk8s-plus-27';
import {
  CanaryRoute, CircuitBreaker, EgressGateway, ExternalService, FaultInjection, Gateway, Header, istio, Mesh, MeshService, Mtls, Path, Port, Query, Tls,
} from '../src';
import { synth } from './world';

/** The code that people are meant to write, as the design has it. */
test('Bookinfo with a canary, a breaker and an exit', () => {
  const app = new App();
  const chart = new Chart(app, 'bookinfo', { namespace: 'bookinfo' });
  const mesh = new Mesh(chart, 'mesh', { mtls: Mtls.STRICT });

  const ratings = new MeshService(mesh, 'ratings', { port: 9080, versions: { v1: { image: 'example/ratings:1' } } });
  const reviews = new MeshService(mesh, 'reviews', {
    port: 9080,
    versions: { v1: { image: 'example/reviews:1' }, v2: { image: 'example/reviews:2' }, v3: { image: 'example/reviews:3' } },
    calls: [ratings],
  });
  const productpage = new MeshService(mesh, 'productpage', { port: 9080, versions: { v1: { image: 'example/productpage:1' } }, calls: [reviews] });

  new Gateway(mesh, 'edge', { host: 'bookinfo.example.com' }).route(productpage, { path: [Path.exact('/productpage'), Path.prefix('/static')] });

  new CanaryRoute(mesh, 'reviews-canary', {
    service: reviews, stable: 'v1', canary: 'v3', weight: 10,
    always: [Header.exact('end-user', 'jason')],
  });
  new CircuitBreaker(mesh, 'ratings-breaker', { service: ratings, maxConnections: 100, consecutiveErrors: 5, ejectFor: Duration.seconds(30) });
  new EgressGateway(mesh, 'egress', { hosts: ['api.example.com'] });

  const count = (kind: string) => synth(chart).filter((object) => object.kind === kind).length;
  expect(['VirtualService', 'DestinationRule', 'Sidecar', 'Gateway', 'ServiceEntry', 'PeerAuthentication'].map(count)).toEqual([3, 3, 2, 2, 1, 1]);
});

test('a shop with everything', () => {
  const app = Testing.app();
  const chart = new Chart(app, 'shop', { namespace: 'shop' });
  const teamChart = new Chart(app, 'team', { namespace: 'team' });
  const mesh = new Mesh(chart, 'mesh');
  const simple = (name: string, port: number | Port = 80) => new MeshService(mesh, name, { port, versions: { v1: { image: 'x' } } });
  const [ratings, productpage, web, tcpEcho] = [simple('ratings'), simple('productpage'), simple('web'), simple('tcp-echo', Port.tcp(9000))];

  // 1. A service with versions, and what it calls
  const reviews = new MeshService(mesh, 'reviews', {
    port: 9080,
    versions: { v1: { image: 'example/reviews:1' }, v2: { image: 'example/reviews:2', replicas: 3, env: { STARS: 'black' } } },
    calls: [ratings],
  });

  // 2. Routing rules
  reviews.route({ match: { headers: [Header.exact('end-user', 'jason')] }, to: 'v2' });
  reviews.route({ match: [{ path: Path.prefix('/beta') }, { query: [Query.exact('ring', 'beta')] }], to: { v1: 20, v2: 80 }, timeout: Duration.seconds(2) });
  reviews.route({ from: [productpage], to: 'v1', retries: { attempts: 3, perTry: Duration.millis(500), on: ['5xx', 'reset'] } });

  // 3. Progressive delivery
  new CanaryRoute(mesh, 'reviews-canary', { service: reviews, stable: 'v1', canary: 'v2', weight: 10 });

  // 4. Failure on purpose, and against failure
  new FaultInjection(mesh, 'slow-ratings', { service: ratings, match: { headers: [Header.exact('end-user', 'jason')] }, delay: { fixed: Duration.seconds(7), percent: 100 } });
  new CircuitBreaker(mesh, 'ratings-breaker', { service: ratings, version: 'v1', maxConnections: 100, maxPendingRequests: 10, consecutiveErrors: 5, ejectFor: Duration.seconds(30) });

  // 8. Several teams
  const payments = MeshService.fromName(mesh, 'payments', { namespace: 'payments', port: 8080, versions: ['v1', 'v2'] });
  const cart = new MeshService(teamChart, 'cart', { mesh, port: 8080, versions: { v1: { image: 'example/cart:1' } }, calls: [payments] });

  // 5. The edge
  const edge = new Gateway(mesh, 'edge', { hosts: ['shop.example.com', '*.shop.example.com'], tls: Tls.simple('shop-certificate'), redirectHttp: true });
  edge.route(cart, { path: Path.prefix('/cart'), rewrite: { prefix: '/' } });
  edge.route(web);
  edge.tcp(31400, tcpEcho);

  // 6. The outside world
  const partner = new ExternalService(mesh, 'partner', { hosts: ['api.partner.example'], port: Port.http(80), originateTls: true });
  const egress = new EgressGateway(mesh, 'egress');
  egress.allow(partner);
  egress.allow('*.example.org');

  // 9. Workloads that exist already
  const plusDeployment = new plus.Deployment(chart, 'deployment', { containers: [{ image: 'example/legacy:1', portNumber: 8080 }] });
  new MeshService(mesh, 'legacy', { port: 8080, versions: { v1: { workload: plusDeployment } } });
  MeshService.fromSelector(mesh, 'kept', { port: 8080, selector: { app: 'kept' }, versions: ['v1'] });

  // 10. One step deeper, and all the way down
  reviews.destinationRule.spec({ trafficPolicy: { connectionPool: { http: { idleTimeout: '30s' } } } });
  reviews.virtualService.addJsonPatch(JsonPatch.add('/spec/http/0/newField', 1));
  new istio.EnvoyFilter(chart, 'raw', { metadata: {}, spec: {} });

  const objects = [...synth(chart), ...synth(teamChart)];
  const owners = objects.filter(({ kind }) => kind === 'VirtualService').flatMap(({ spec }) => spec.hosts as string[]);
  expect(new Set(owners).size).toBe(owners.length);
  expect(objects.find(({ kind, metadata }) => kind === 'VirtualService' && metadata.name === 'reviews')?.spec.http[0].newField).toBe(1);
});
