import { App, Chart, Duration } from 'cdk8s';
import { Mesh, MeshService, OutlierDetection, Retry } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'health', { namespace: 'health' });
const mesh = new Mesh(chart, 'mesh');

const web = new MeshService(mesh, 'web', {
  port: 8080, versions: { v1: { image: 'example/web:1', replicas: 2 }, v2: { image: 'example/web:2' } }, calls: [],
});
new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } }, calls: [web] });

// Kubernetes takes out pods that are not ready. Proxies notice sooner: whoever fails three times in a row is out for half a minute …
new OutlierDetection(mesh, 'dead-instances', {
  service: web, consecutiveGatewayErrors: 3, consecutiveErrors: 0, interval: Duration.seconds(1), ejectFor: Duration.seconds(30), maxEjectionPercent: 100,
});

// … and what it could not answer, another one does.
new Retry(mesh, 'ask-another', { service: web, attempts: 2, on: ['connect-failure', 'refused-stream', '503'] });

app.synth();
