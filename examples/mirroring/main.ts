import { App, Chart } from 'cdk8s';
import { Gateway, Mesh, MeshService, Mirror, Path } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'mirroring', { namespace: 'mirroring' });
const mesh = new Mesh(chart, 'mesh');

const version = { image: 'mccutchen/go-httpbin:2.18.3', local: ['node', '../apps/dist/httpbin.js'] };
const httpbin = new MeshService(mesh, 'httpbin', { port: 8000, versions: { v1: version, v2: version }, calls: [] });
const archive = new MeshService(mesh, 'archive', { port: 8000, versions: { v1: version }, calls: [] });
new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } }, calls: [httpbin] });

// v1 answers; v2 gets a copy of every request, and nobody waits for what it says.
httpbin.route({ to: 'v1' });
new Mirror(mesh, 'shadow', { service: httpbin, to: 'v2' });

// Mirrors add up: half of what is posted is copied to another service as well.
new Mirror(mesh, 'to-archive', { service: httpbin, match: { path: Path.exact('/post') }, to: archive, percent: 50 });

new Gateway(mesh, 'edge', { host: 'httpbin.example.com' }).route(httpbin);

app.synth();
