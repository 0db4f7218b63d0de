import { App, Chart, Duration } from 'cdk8s';
import { CircuitBreaker, ExternalService, Mesh, MeshService, Port } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'circuit-breaker', { namespace: 'circuit-breaker' });
const mesh = new Mesh(chart, 'mesh');

const image = 'kennethreitz/httpbin';
const local = ['node', '../apps/dist/httpbin.js'];
const httpbin = new MeshService(mesh, 'httpbin', { port: 8000, versions: { v1: { image, local } }, calls: [] });
const pool = new MeshService(mesh, 'pool', { port: 8000, versions: { v1: { image, local, replicas: 2 } }, calls: [] });
const partner = new ExternalService(mesh, 'partner', { host: 'api.partner.example', port: Port.http(80) });
new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } }, calls: [httpbin, pool, partner] });

// One request at work, one waiting; who comes third is told so at once.
new CircuitBreaker(mesh, 'httpbin-limit', {
  service: httpbin, version: 'v1', maxConnections: 1, maxPendingRequests: 1, maxRequestsPerConnection: 1,
});

// An instance that fails once stays out for three seconds.
new CircuitBreaker(mesh, 'pool-ejection', {
  service: pool, consecutiveErrors: 1, interval: Duration.seconds(1), ejectFor: Duration.seconds(3), maxEjectionPercent: 100,
});

// Services outside of the mesh have limits as well.
new CircuitBreaker(mesh, 'partner-limit', { service: partner, maxConnections: 1, maxPendingRequests: 1, maxRequestsPerConnection: 1 });

app.synth();
