import { App, Chart } from 'cdk8s';
import { CanaryRoute, Gateway, Header, Mesh, Path } from 'cdk8s-istio';
import { bookinfo } from './services';

const app = new App();
const chart = new Chart(app, 'bookinfo', { namespace: 'bookinfo' });
const mesh = new Mesh(chart, 'mesh');
const { productpage, reviews } = bookinfo(mesh);

// #region canary
// One reader in ten sees red stars; jason always does.
new CanaryRoute(mesh, 'reviews-canary', {
  service: reviews, stable: 'v1', canary: 'v3', weight: 10,
  always: [Header.exact('end-user', 'jason')],
});
// #endregion

new Gateway(mesh, 'edge', { host: 'localhost' }).route(productpage, {
  path: [Path.exact('/productpage'), Path.prefix('/static'), Path.exact('/login'), Path.exact('/logout'), Path.prefix('/api/v1/products')],
});

app.synth();
