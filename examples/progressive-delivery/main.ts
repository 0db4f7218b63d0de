import { App, Chart, Duration } from 'cdk8s';
import { CanaryRoute, Gateway, Header, Mesh, MeshService, TrafficShift, WeightOwner } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'progressive-delivery', { namespace: 'progressive-delivery' });
const mesh = new Mesh(chart, 'mesh');

// Argo Rollouts takes the steps: a Rollout says which, and weights that it changes are never put back by this program.
const reviews = new MeshService(mesh, 'reviews', { port: 9080, versions: { v1: { image: 'example/reviews:1' }, v2: { image: 'example/reviews:2' } } });
new CanaryRoute(mesh, 'reviews-canary', {
  service: reviews, stable: 'v1', canary: 'v2', weight: WeightOwner.argoRollouts({ steps: [5, 25, 50], pause: Duration.minutes(10) }),
  always: [Header.exact('end-user', 'jason')],
});
new Gateway(mesh, 'edge', { host: 'reviews.example.com' }).route(reviews);

// Flagger takes the steps as long as 99 % of the requests succeed; it writes Service, VirtualService and DestinationRules itself.
const cart = new MeshService(mesh, 'cart', { port: 8080, versions: { v1: { image: 'example/cart:1' }, v2: { image: 'example/cart:2' } } });
new TrafficShift(mesh, 'cart-to-v2', { service: cart, from: 'v1', to: 'v2', steps: [10, 50, 100], step: WeightOwner.flagger({ successRate: 99 }) });

new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } } });

app.synth();
