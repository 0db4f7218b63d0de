import { App, Chart } from 'cdk8s';
import { Gateway, Mesh, MeshService, Path } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'edge-paths', { namespace: 'edge-paths' });
const mesh = new Mesh(chart, 'mesh');

const httpbin = new MeshService(mesh, 'httpbin', {
  port: 8000, versions: { v1: { image: 'kennethreitz/httpbin', local: ['node', '../apps/dist/httpbin.js'] } },
});
const helloworld = new MeshService(mesh, 'helloworld', {
  port: 5000, versions: { v1: { image: 'istio/examples-helloworld-v1', local: ['node', '../apps/dist/helloworld.js', 'v1'] } },
});

// What is not listed does not exist for users.
const edge = new Gateway(mesh, 'edge', { hosts: ['shop.example.com', '*.shop.example.com'] });
edge.route(httpbin, { path: [Path.prefix('/status'), Path.prefix('/delay')] });
edge.route(httpbin, { path: Path.prefix('/tools'), rewrite: { prefix: '/' } });
edge.route(httpbin, { path: Path.regex('/(ip|uuid)') });
edge.route(helloworld, { path: Path.exact('/hello') });

app.synth();
