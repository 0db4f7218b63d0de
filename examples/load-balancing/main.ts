import { App, Chart, Duration } from 'cdk8s';
import { Algorithm, Hash, LoadBalancer, Mesh, MeshService, istio } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'load-balancing', { namespace: 'load-balancing' });
const mesh = new Mesh(chart, 'mesh');

const instance = (name: string) => ({ image: `example/cart:${name}`, labels: { pool: 'carts' } });
new MeshService(mesh, 'cart', { port: 8080, versions: { a: instance('a'), b: instance('b'), c: instance('c') } });

// The same three pods under several names, each with its own way to choose among them.
const pool = (name: string) => MeshService.fromSelector(mesh, name, { port: 8080, selector: { pool: 'carts' } });
new LoadBalancer(mesh, 'in-turn', { service: pool('round-robin'), algorithm: Algorithm.ROUND_ROBIN });
new LoadBalancer(mesh, 'any', { service: pool('random'), algorithm: Algorithm.RANDOM });
pool('least-request');   // Istio's default: the less busy of two

// Sticky sessions: a client comes back to the same instance, as long as it is there.
new LoadBalancer(mesh, 'by-cookie', { service: pool('sticky-cookie'), algorithm: Hash.byCookie('session', { ttl: Duration.hours(1) }) });
new LoadBalancer(mesh, 'by-header', { service: pool('sticky-header'), algorithm: Hash.byHeader('x-user', { maglev: true }) });
new LoadBalancer(mesh, 'by-query', { service: pool('sticky-query'), algorithm: Hash.byQuery('user') });
new LoadBalancer(mesh, 'by-address', { service: pool('sticky-address'), algorithm: Hash.bySourceIp() });

new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } } });
new MeshService(mesh, 'reporter', { port: 8080, versions: { v1: { image: 'example/reporter:1' } } });

// One caller may have its own way: this policy is for the proxies of `reporter` only, one step deeper in Istio's own words.
new istio.DestinationRule(chart, 'reporter-only', {
  metadata: { name: 'reporter-only' },
  spec: {
    host: 'least-request.load-balancing.svc.cluster.local',
    workloadSelector: { matchLabels: { app: 'reporter' } },
    trafficPolicy: { loadBalancer: { consistentHash: { httpHeaderName: 'x-user' } } },
  },
});

app.synth();
