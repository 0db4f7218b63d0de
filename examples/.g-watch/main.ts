import { App, Chart } from 'cdk8s';
import { CanaryRoute, Gateway, Header, Mesh, MeshService } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'shop', { namespace: 'shop' });
const mesh = new Mesh(chart, 'mesh');

const reviews = new MeshService(mesh, 'reviews', {
  port: 9080,
  versions: { v1: { image: 'example/reviews:1', replicas: 2 }, v2: { image: 'example/reviews:3' } },
});
new CanaryRoute(mesh, 'reviews-canary', {
  service: reviews, stable: 'v1', canary: 'v2', weight: 50,        // 'v9' does not compile
  always: [Header.exact('end-user', 'jason')],                     // jason always sees the canary
});
new Gateway(mesh, 'edge', { host: 'localhost' }).route(reviews);

app.synth();
