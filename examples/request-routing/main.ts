import { ApiObject, App, Chart } from 'cdk8s';
import { Cookie, Gateway, Header, Mesh, MeshService, Path } from 'cdk8s-istio';
import { bookinfo } from '../bookinfo/services';

const app = new App();
const chart = new Chart(app, 'request-routing', { namespace: 'request-routing' });
const mesh = new Mesh(chart, 'mesh');
const { productpage, reviews } = bookinfo(mesh);

// By who asks: jason sees black stars, whether a header or his cookie says that it is he; others who signed in see red ones, strangers none.
reviews.route({ match: [{ headers: [Header.exact('end-user', 'jason')] }, { cookies: [Cookie.exact('user', 'jason')] }], to: 'v2' });
reviews.route({ match: { headers: [Header.present('end-user')] }, to: 'v3' });
reviews.route({ to: 'v1' });
new Gateway(mesh, 'edge', { host: 'localhost' }).route(productpage, { path: Path.exact('/productpage') });

// By who calls: the shop and the new checkout get the new prices. Rules with conditions come first, wherever they are written.
const prices = new MeshService(mesh, 'prices', { port: 8080, versions: { v1: { image: 'example/prices:1' }, v2: { image: 'example/prices:2' } } });
const checkout = new MeshService(mesh, 'checkout', {
  port: 8080, versions: { v1: { image: 'example/checkout:1' }, v2: { image: 'example/checkout:2' } }, calls: [prices],
});
const shop = new MeshService(mesh, 'shop', { port: 8080, versions: { v1: { image: 'example/shop:1' } }, calls: [prices] });
prices.route({ to: 'v1' });
prices.route({ from: [shop], to: 'v2' });
prices.route({ from: [checkout.version('v2')], to: 'v2' });
prices.route({ match: { headers: [Header.exact('foo', 'bar')] }, to: 'v2' });

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
