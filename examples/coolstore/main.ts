import { App, Chart } from 'cdk8s';
import { Gateway, Mesh, MeshService, Port, Tls } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'coolstore', { namespace: 'coolstore' });
const mesh = new Mesh(chart, 'mesh');

const catalog = new MeshService(mesh, 'catalog', { port: 80, versions: { v1: { image: 'example/catalog:1', local: ['node', '../apps/dist/catalog.js'] } }, calls: [] });
const webapp = new MeshService(mesh, 'webapp', { port: 80, versions: { v1: { image: 'example/webapp:1', local: ['node', '../apps/dist/webapp.js'] } }, calls: [catalog] });
const echo = new MeshService(mesh, 'tcp-echo', {
  port: Port.tcp(9000), versions: { v1: { image: 'istio/tcp-echo-server:1.3', args: ['9000', 'one'], local: ['node', '../apps/dist/tcp-echo.js', 'one '] } }, calls: [],
});

// One entrance: two hosts with a certificate each, HTTP only to send users to HTTPS, and a port for TCP.
const edge = new Gateway(mesh, 'coolstore-gateway', {
  hosts: ['webapp.example.com', 'catalog.example.com'],
  tls: { 'webapp.example.com': Tls.simple('webapp-credential'), 'catalog.example.com': Tls.simple('catalog-credential') },
  redirectHttp: true,
});
edge.route(webapp, { host: 'webapp.example.com' });
edge.route(catalog, { host: 'catalog.example.com' });
edge.tcp(31400, echo);

app.synth();
