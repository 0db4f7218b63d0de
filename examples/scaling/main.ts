import { App, Chart } from 'cdk8s';
import { Gateway, Mesh, MeshService } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'scaling', { namespace: 'scaling' });
const mesh = new Mesh(chart, 'mesh');

const web = new MeshService(mesh, 'web', {
  port: 8080, versions: { v1: { image: 'example/web:1', replicas: 5 }, v2: { image: 'example/web:2' } }, calls: [],
});
new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } }, calls: [web] });

// How much traffic a version gets has nothing to do with how many pods it has.
web.route({ to: { v1: 95, v2: 5 } });
new Gateway(mesh, 'edge', { host: 'web.example.com' }).route(web);

app.synth();
