import { App, Chart } from 'cdk8s';
import { Gateway, Mesh, MeshService, Path, TrafficShift } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'traffic-shifting', { namespace: 'traffic-shifting' });
const mesh = new Mesh(chart, 'mesh');

const web = new MeshService(mesh, 'web', { port: 8080, versions: { v1: { image: 'example/web:1' }, v2: { image: 'example/web:2' } }, calls: [] });
const reviews = new MeshService(mesh, 'reviews', { port: 9080, versions: { v1: { image: 'example/reviews:1' }, v3: { image: 'example/reviews:3' } }, calls: [] });
new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } }, calls: [web, reviews] });

// A migration goes through these steps one after the other. Here each has a path of its own, so that all can be tried at once.
for (const percent of [0, 25, 50, 100]) {
  web.route({ match: { path: Path.exact(`/${percent}-percent`) }, to: { v1: 100 - percent, v2: percent } });
}
web.route({ to: 'v1' });

// The way to do it: change `step`, synthesize, apply.
new TrafficShift(mesh, 'reviews-to-v3', { service: reviews, from: 'v1', to: 'v3', steps: [10, 50, 100], step: 2 });

// The same shares hold for users at the edge.
new Gateway(mesh, 'edge', { host: 'web.example.com' }).route(web);

app.synth();
