import { App, Chart } from 'cdk8s';
import { Gateway, Mesh, MeshService, Path } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'traffic-shifting', { namespace: 'traffic-shifting' });
const mesh = new Mesh(chart, 'mesh');

const web = new MeshService(mesh, 'web', { port: 8080, versions: { v1: { image: 'example/web:1' }, v2: { image: 'example/web:2' } }, calls: [] });
new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } }, calls: [web] });

// A migration goes through these steps one after the other. Here each has a path of its own, so that all can be tried at once.
for (const percent of [0, 25, 50, 100]) {
  web.route({ match: { path: Path.exact(`/${percent}-percent`) }, to: { v1: 100 - percent, v2: percent } });
}
web.route({ to: 'v1' });

// The same shares hold for users at the edge.
new Gateway(mesh, 'edge', { host: 'web.example.com' }).route(web);

app.synth();
