import { App, Chart } from 'cdk8s';
import { ExternalService, Gateway, GatewayApi, Mesh, MeshService, Path, Port, gatewayApi } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'gateway-api-routes', { namespace: 'gateway-api-routes' });
const mesh = new Mesh(chart, 'mesh');

const cart = new MeshService(mesh, 'cart', { port: Port.grpc(9000), versions: { v1: { image: 'example/cart:1' } } });
const web = new MeshService(mesh, 'web', { port: 8080, versions: { v1: { image: 'example/web:1' } } });
const bank = new ExternalService(mesh, 'bank', { host: 'bank.example.org', port: Port.tls(443) });

// A GRPCRoute for one method, and a TLSRoute by which TLS goes through to its end.
const calls = new Gateway(mesh, 'calls', { api: GatewayApi.KUBERNETES, host: 'cart.example.com' });
calls.grpc(cart, { grpcService: 'shop.Cart', grpcMethod: 'Add' });
calls.tls(8443, bank, { hosts: ['bank.example.org'] });

// Routes of a Service hold inside the mesh. This one is written as it is: no construct speaks of it.
new gatewayApi.HTTPRoute(chart, 'web-inside', {
  metadata: { name: 'web-inside' },
  spec: {
    parentRefs: [{ group: '', kind: 'Service', name: web.name, port: 8080 }],
    rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/shop' } }], backendRefs: [{ name: web.name, port: 8080 }], timeouts: { request: '1s' } }],
  },
});

// A gateway of its own for another team: the control plane deploys its proxies as well.
new Gateway(mesh, 'second', { api: GatewayApi.KUBERNETES, host: '*.example.net' }).route(web, { path: Path.exact('/') });

app.synth();
