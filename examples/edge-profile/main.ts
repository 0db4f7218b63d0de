import { App, Chart } from 'cdk8s';
import { Gateway, Mesh, MeshService } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'edge-profile', { namespace: 'edge-profile' });
const mesh = new Mesh(chart, 'mesh');

const shop = new MeshService(mesh, 'shop', { port: 8080, versions: { v1: { image: 'example/shop:1' } } });

// Whoever comes from the Internet is held to what Envoy advises for edges; colleagues are not.
new Gateway(mesh, 'edge', { host: 'shop.example.com', connectionProfile: 'EDGE' }).route(shop);
new Gateway(mesh, 'office', { host: 'shop.office.example.com' }).route(shop);

app.synth();
