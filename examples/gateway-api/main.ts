import { App, Chart, Duration } from 'cdk8s';
import { CanaryRoute, Gateway, GatewayApi, Header, Mesh, MeshService, Path, Port, Tls } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'gateway-api', { namespace: 'gateway-api' });
const mesh = new Mesh(chart, 'mesh');

const version = { image: 'kennethreitz/httpbin', local: ['node', '../apps/dist/httpbin.js'] };
const httpbin = new MeshService(mesh, 'httpbin', { port: 8000, versions: { v1: version, v2: version } });
const echo = new MeshService(mesh, 'tcp-echo', {
  port: Port.tcp(9000), versions: { v1: { image: 'istio/tcp-echo-server:1.3', args: ['9000', 'one'], local: ['node', '../apps/dist/tcp-echo.js', 'one '] } },
});

// The same code as ever; `api` decides that it becomes a Gateway, HTTPRoutes and a TCPRoute of the Gateway API.
const edge = new Gateway(mesh, 'edge', {
  api: GatewayApi.KUBERNETES, versionServices: true,
  hosts: ['a.example.com', 'b.example.com'], tls: { 'a.example.com': Tls.simple('a-certificate'), 'b.example.com': Tls.mutual('b-certificate') }, redirectHttp: true,
});
edge.route(httpbin, { path: Path.prefix('/status') });
edge.route(httpbin, { host: 'a.example.com', path: Path.prefix('/tools'), rewrite: { prefix: '/' }, timeout: Duration.seconds(1) });
edge.redirect({ path: Path.exact('/old') }, { path: '/status/200' });
edge.tcp(31400, echo);

new CanaryRoute(mesh, 'httpbin-canary', { service: httpbin, stable: 'v1', canary: 'v2', weight: 20, always: [Header.exact('end-user', 'jason')] });

app.synth();
