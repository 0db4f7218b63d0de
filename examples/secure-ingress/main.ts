import { App, Chart } from 'cdk8s';
import { Gateway, Mesh, MeshService, Path, Tls } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'secure-ingress', { namespace: 'secure-ingress' });
const mesh = new Mesh(chart, 'mesh');

const httpbin = new MeshService(mesh, 'httpbin', {
  port: 8000, versions: { v1: { image: 'mccutchen/go-httpbin', local: ['node', '../apps/dist/httpbin.js'] } },
});
const helloworld = new MeshService(mesh, 'helloworld', {
  port: 5000, versions: { v1: { image: 'istio/examples-helloworld-v1', local: ['node', '../apps/dist/helloworld.js', 'v1'] } },
});

// Each host shows its own certificate: a Secret beside the gateway's pods, in this namespace.
const edge = new Gateway(mesh, 'edge', {
  hosts: ['httpbin.example.com', 'helloworld.example.com', 'partners.example.com'],
  tls: {
    'httpbin.example.com': Tls.simple('httpbin-credential'),
    'helloworld.example.com': Tls.simple('helloworld-credential', { minVersion: '1.3' }),
    // Who comes here must show one too, of the authorities in `ca.crt` and not in the list `ca.crl`.
    'partners.example.com': Tls.mutual('partners-credential'),
  },
});
const open = { path: [Path.prefix('/status'), Path.prefix('/delay')] };
edge.route(httpbin, { host: 'httpbin.example.com', ...open });
edge.route(httpbin, { host: 'partners.example.com', ...open });
edge.route(helloworld, { host: 'helloworld.example.com', path: Path.exact('/hello') });

app.synth();
