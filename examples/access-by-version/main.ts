import { App, Chart } from 'cdk8s';
import { AccessPolicy, Gateway, Header, Mesh, Mtls, Path } from 'cdk8s-istio';
import { bookinfo } from '../bookinfo/services';

const app = new App();
const mesh = new Mesh(new Chart(app, 'access-by-version', { namespace: 'access-by-version' }), 'mesh', { mtls: Mtls.STRICT });
const { productpage, reviews, ratings } = bookinfo(mesh, { accounts: 'per version' });

reviews.route({ match: { headers: [Header.exact('end-user', 'jason')] }, to: 'v2' });
reviews.route({ to: 'v3' });

// Policies know accounts, not labels: that is why each version of reviews has its own.
new AccessPolicy(mesh, 'ratings-readers', { service: ratings, deny: [{ from: [reviews.version('v3')] }] });

new Gateway(mesh, 'edge', { host: 'localhost' }).route(productpage, { path: [Path.exact('/productpage'), Path.prefix('/static')] });

app.synth();
