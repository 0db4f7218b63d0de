import { App, Chart, Duration } from 'cdk8s';
import { FaultInjection, Gateway, Mesh, MeshService, Path, Retry, Timeout } from 'cdk8s-istio';
import { bookinfo } from '../bookinfo/services';

const app = new App();
const chart = new Chart(app, 'timeouts-and-retries', { namespace: 'timeouts-and-retries' });
const mesh = new Mesh(chart, 'mesh');
const { productpage, reviews, ratings } = bookinfo(mesh);
const edge = new Gateway(mesh, 'edge', { hosts: ['localhost', 'httpbin.example.com'] });

// Ratings take 2 s, reviews may take 0.5 s: the product page tries twice and gives up after 1 s.
new FaultInjection(mesh, 'slow-ratings', { service: ratings, delay: { fixed: Duration.seconds(2), percent: 100 } });
reviews.route({ to: 'v2', timeout: Duration.millis(500) });
edge.route(productpage, { path: Path.exact('/productpage') });

const httpbin = new MeshService(mesh, 'httpbin', {
  port: 8000, versions: { v1: { image: 'kennethreitz/httpbin', local: ['node', '../apps/dist/httpbin.js'] } },
});
new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } }, calls: [httpbin] });

// Retries hold for every caller; a time-out at the edge for users only. Nobody else has any: Istio has no time-out unless you say so.
new Retry(mesh, 'unavailable', { service: httpbin, match: { path: Path.exact('/status/503') }, attempts: 3, on: ['5xx'] });
edge.route(httpbin, { path: Path.prefix('/delay'), timeout: Duration.seconds(4) });

// Pauses between tries grow and vary, so that a busy server is left alone; and however many are allowed, callers wait no longer than this.
const overloaded = { path: Path.exact('/status/502') };
new Retry(mesh, 'patience', { service: httpbin, match: overloaded, attempts: 20, on: ['502'], backoff: Duration.millis(200) });
new Timeout(mesh, 'budget', { service: httpbin, match: overloaded, after: Duration.seconds(1) });

app.synth();
