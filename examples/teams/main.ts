import { join } from 'node:path';
import { App, Chart, Include } from 'cdk8s';
import { Header, Mesh, MeshService } from 'cdk8s-istio';

const app = new App();
const platform = new Chart(app, 'platform', { namespace: 'platform' });
const mesh = new Mesh(platform, 'mesh', { hostOwnership: 'strict' });   // nobody routes what belongs to others

// Each team has a chart and a namespace, all of them one mesh.
const catalogTeam = new Chart(app, 'catalog-team', { namespace: 'catalog' });
const catalog = new MeshService(catalogTeam, 'catalog', { mesh, port: 8080, versions: { v1: { image: 'example/catalog:1' } }, calls: [] });

// Payments belong to another repository: nothing is written for them, but their versions are known here.
const cartTeam = new Chart(app, 'cart-team', { namespace: 'cart' });
const payments = MeshService.fromName(cartTeam, 'payments', { mesh, namespace: 'payments', port: 8080, versions: ['v1', 'v2'] });
new MeshService(cartTeam, 'cart', { mesh, port: 8080, versions: { v1: { image: 'example/cart:1' } }, calls: [catalog, payments] });

// Rules for what others own hold for callers of this team only: testers of the cart try payments v2, the rest is as its owner says.
payments.route({ match: { headers: [Header.exact('ring', 'beta')] }, to: 'v2' });
payments.route({ to: 'v1' });

// For trying it out on one machine: what the other repository writes.
new Include(new Chart(app, 'payments-team'), 'payments', { url: join(__dirname, 'payments.yaml') });
const desk = new Chart(app, 'desk-team', { namespace: 'desk' });
new MeshService(desk, 'desk', { mesh, port: 8080, versions: { v1: { image: 'example/desk:1' } } });

app.synth();
