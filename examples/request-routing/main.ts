import { ApiObject, App, Chart } from 'cdk8s';
import { Gateway, Header, Mesh, MeshService, Path } from 'cdk8s-istio';
import { bookinfo } from '../bookinfo/services';

const app = new App();
const chart = new Chart(app, 'request-routing', { namespace: 'request-routing' });
const mesh = new Mesh(chart, 'mesh');
const { productpage, reviews } = bookinfo(mesh);

// By who asks: jason sees black stars, whether a header or his cookie says that it is he; everybody else sees none.
reviews.route({
  match: [
    { headers: [Header.exact('end-user', 'jason')] },
    { headers: [Header.regex('cookie', '^(.*?;)?(user=jason)(;.*)?$')] },
  ],
  to: 'v2',
});
reviews.route({ to: 'v1' });
new Gateway(mesh, 'edge', { host: 'localhost' }).route(productpage, { path: Path.exact('/productpage') });

// By who calls: only the new checkout gets the new prices, and only shop's testers get its beta.
const prices = new MeshService(mesh, 'prices', { port: 8080, versions: { v1: { image: 'example/prices:1' }, v2: { image: 'example/prices:2' } } });
const checkout = new MeshService(mesh, 'checkout', {
  port: 8080, versions: { v1: { image: 'example/checkout:1' }, v2: { image: 'example/checkout:2' } }, calls: [prices],
});
const shop = new MeshService(mesh, 'shop', { port: 8080, versions: { v1: { image: 'example/shop:1' } }, calls: [prices] });
prices.route({ from: [checkout.version('v2')], to: 'v2' });
prices.route({ from: [shop], match: { headers: [Header.exact('ring', 'beta')] }, to: 'v2' });
prices.route({ to: 'v1' });

// Rules act in the client's proxy: a client without one sees every version in turn.
new ApiObject(chart, 'plain-client', {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'plain-client' },
  spec: {
    selector: { matchLabels: { app: 'plain-client' } },
    template: {
      metadata: { labels: { app: 'plain-client' }, annotations: { 'sidecar.istio.io/inject': 'false' } },
      spec: { containers: [{ name: 'client', image: 'example/client:1' }] },
    },
  },
});

app.synth();
