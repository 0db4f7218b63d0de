import { App, Chart } from 'cdk8s';
import { Access, AccessPolicy, Gateway, Mesh, MeshService, Mtls, Path } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'declared-access', { namespace: 'declared-access' });

// Nobody may call anybody, except as the services themselves declare.
const mesh = new Mesh(chart, 'mesh', { mtls: Mtls.STRICT, access: Access.DECLARED });

const service = (name: string, calls: readonly MeshService<'v1'>[] = []) => new MeshService(mesh, name, { port: 80, versions: { v1: { image: `example/${name}:1` } }, calls });
const cart = service('cart');
const orders = service('orders', [cart]);
const web = service('web', [cart]);
const admin = service('admin');
new Gateway(mesh, 'edge', { host: 'localhost' }).route(web);

// Where more is to be said, a policy says all of it: web may look at orders, admin may also delete them.
web.call(orders);
admin.call(orders);
new AccessPolicy(mesh, 'order-rights', {
  service: orders, allow: [{ from: [web, admin], methods: ['GET'] }, { from: [admin], methods: ['DELETE'], path: Path.prefix('/orders/') }],
});

app.synth();
