import { App, Chart, Duration } from 'cdk8s';
import { Cors, DirectResponse, Gateway, Header, Mesh, MeshService, Path, Query } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'route-actions', { namespace: 'route-actions' });
const mesh = new Mesh(chart, 'mesh');

const shop = new MeshService(mesh, 'shop', { port: 8080, versions: { v1: { image: 'example/shop:1' }, v2: { image: 'example/shop:2' } }, calls: [] });
new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } }, calls: [shop] });

// An answer without asking anybody.
new DirectResponse(mesh, 'closed', { service: shop, match: { path: Path.prefix('/admin') }, status: 403, body: 'not from here\n' });

// Elsewhere: another path for good, another host for now; the query stays.
shop.route({ match: { path: Path.exact('/basket') }, redirect: { path: '/cart', code: 308 } });
shop.route({ match: { path: Path.prefix('/help/') }, redirect: { host: 'help.example.com', prefix: '/', scheme: 'https', code: 302 } });

// The same request under another path, or for another host.
shop.route({ match: { path: Path.prefix('/api/v2/') }, rewrite: { prefix: '/' }, to: 'v2' });
shop.route({ match: { path: Path.regex('/item/[0-9]+') }, rewrite: { regex: '^/item/([0-9]+)$', replacement: '/products/\\1/page', host: 'products.internal' }, to: 'v1' });

// By the shape of a header, or a query parameter; each share may have headers of its own.
shop.route({ match: [{ headers: [Header.regex('user-agent', '.*(Android|iPhone).*')] }, { query: [Query.exact('layout', 'small')] }], to: 'v2' });
shop.route({ to: { v1: { weight: 50, changeHeaders: { response: { set: { 'x-experiment': 'control' } } } }, v2: { weight: 50 } } });

// Headers of whatever comes and goes, and what pages of other sites may do.
shop.decorate({
  changeHeaders: { request: { set: { 'x-mesh': 'yes' }, remove: ['x-debug'] }, response: { add: { 'x-frame-options': 'DENY' }, remove: ['x-powered-by'] } },
});
new Cors(mesh, 'pages', {
  service: shop, origins: ['https://www.example.com'], methods: ['GET', 'PUT'], headers: ['x-user'], maxAge: Duration.hours(1), credentials: true, forwardUnmatched: false,
});

new Gateway(mesh, 'edge', { host: 'shop.example.com' }).route(shop);

app.synth();
