import { App, Chart } from 'cdk8s';
import { AccessPolicy, Gateway, Mesh, MeshService, Mtls, Path } from 'cdk8s-istio';
import { bookinfo } from '../bookinfo/services';

const app = new App();
const mesh = new Mesh(new Chart(app, 'access-by-account', { namespace: 'access-by-account' }), 'mesh', { mtls: Mtls.STRICT });
const { productpage, details } = bookinfo(mesh);

new MeshService(mesh, 'librarian', { port: 8080, versions: { v1: { image: 'example/librarian:1' } } });

// The service stands for its account: cluster.local/ns/access-by-account/sa/productpage.
new AccessPolicy(mesh, 'not-the-page', { service: details, deny: [{ from: [productpage] }] });

new Gateway(mesh, 'edge', { host: 'localhost' }).route(productpage, { path: [Path.exact('/productpage'), Path.prefix('/static')] });

app.synth();
