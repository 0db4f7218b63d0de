import { App, Chart } from 'cdk8s';
import { IngressRoute, Mesh, MeshService, Path } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'kubernetes-ingress', { namespace: 'kubernetes-ingress' });
const mesh = new Mesh(chart, 'mesh');

const httpbin = new MeshService(mesh, 'httpbin', {
  port: 8000, versions: { v1: { image: 'mccutchen/go-httpbin', local: ['node', '../apps/dist/httpbin.js'] } },
});
const helloworld = new MeshService(mesh, 'helloworld', {
  port: 5000, versions: { v1: { image: 'istio/examples-helloworld-v1', local: ['node', '../apps/dist/helloworld.js', 'v1'] } },
});

// For those who stay with Ingress: hosts, paths and certificates, which lie beside Istio's gateway. A Gateway can do all of it and more.
new IngressRoute(mesh, 'edge', {
  hosts: ['httpbin.example.com', 'helloworld.example.com'],
  tls: { 'httpbin.example.com': 'httpbin-credential', 'helloworld.example.com': 'helloworld-credential' },
}).route(httpbin, { host: 'httpbin.example.com', path: [Path.prefix('/status'), Path.prefix('/delay')] })
  .route(helloworld, { host: 'helloworld.example.com', path: Path.exact('/hello') });

app.synth();
