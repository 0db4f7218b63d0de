import { App, Chart } from 'cdk8s';
import { Gateway, Mesh, MeshService } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'control-plane-restart', { namespace: 'control-plane-restart' });
const mesh = new Mesh(chart, 'mesh');

// The control plane only tells proxies what to do: traffic flows without it.
const web = new MeshService(mesh, 'web', { port: 8080, versions: { v1: { image: 'example/web:1' }, v2: { image: 'example/web:2' } }, calls: [] });
new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } }, calls: [web] });
web.route({ to: { v1: 50, v2: 50 } });
new Gateway(mesh, 'edge', { host: 'web.example.com' }).route(web);

app.synth();
