import { App, Chart } from 'cdk8s';
import { Gateway, Mesh, MeshService, Path } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'several-gateways', { namespace: 'several-gateways' });
const mesh = new Mesh(chart, 'mesh');

const shop = new MeshService(mesh, 'shop', { port: 8080, versions: { v1: { image: 'example/shop:1' } } });
const blog = new MeshService(mesh, 'blog', { port: 8080, versions: { v1: { image: 'example/blog:1' } } });

// Two entrances with proxies of their own, one of them for clusters without load balancers. Each host with routes of its own has its own VirtualService.
const everybody = new Gateway(mesh, 'everybody', { hosts: ['shop.example.com', 'blog.example.com'] });
everybody.route(shop, { host: 'shop.example.com' });
everybody.route(blog, { host: 'blog.example.com' });
new Gateway(mesh, 'partners', { host: 'shop.example.com', serviceType: 'NodePort', nodePorts: { 80: 30080 } }).route(shop, { path: Path.prefix('/orders') });

// Another Gateway on the proxies of the first, found by the labels of their pods: as for those that Istio installs, { istio: 'ingressgateway' }.
Gateway.fromSelector(mesh, 'campaign', { selector: { istio: 'everybody' }, host: '*.campaign.example.com' }).route(blog);

app.synth();
