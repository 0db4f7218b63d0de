import { App, Chart, Duration } from 'cdk8s';
import { LocalityFailover, Mesh, MeshService, OutlierDetection } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'locality-failover', { namespace: 'locality-failover' });
const mesh = new Mesh(chart, 'mesh');

// On a cluster nodes say where they are; the label says it for single pods, and on one machine.
const at = (locality: string) => ({ image: 'example/web:1', labels: { 'istio-locality': locality, 'pool': 'web' } });
const web = new MeshService(mesh, 'web', { port: 8080, versions: { here: at('us-west.a'), near: at('us-west.b'), far: at('us-east.a'), abroad: at('eu-central.a') }, calls: [] });

// Requests stay in their zone, then in their region; after that us-east steps in for us-west. What notices failures must be said.
new LocalityFailover(mesh, 'nearest', { service: web, failover: { 'us-west': 'us-east' } });
new OutlierDetection(mesh, 'failures', {
  service: web, consecutiveErrors: 1, interval: Duration.seconds(1), ejectFor: Duration.minutes(3), maxEjectionPercent: 100,
});

// Or the shares of each place are fixed.
const shared = MeshService.fromSelector(mesh, 'shared', { port: 8080, selector: { pool: 'web' } });
new LocalityFailover(mesh, 'shares', { service: shared, distribute: { 'us-west/*': { 'us-west/a/*': 70, 'us-east/*': 30 } } });

new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1', labels: { 'istio-locality': 'us-west.a' } } }, calls: [web, shared] });

app.synth();
