import { App, Chart, Duration } from 'cdk8s';
import { AccessPolicy, ExternalAuthorizer, Mesh, MeshService } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'external-list', { namespace: 'external-list' });
const mesh = new Mesh(chart, 'mesh');

// Lists that somebody else keeps, and changes while everything runs.
const list = (name: string, text: string) => new MeshService(mesh, name, {
  port: 8080, calls: [], versions: { v1: { image: 'example/list:1', env: { LIST: text }, local: ['node', '../apps/dist/list.js'] } },
});
const customers = list('white-list-registry', 'gold\nsilver\n');
const thieves = list('black-list-registry', 'mallory\n');

// The runtime's own list checker looks at a list every second, and decides by what it saw last: nobody waits for the registry, and when that is away the last list holds.
const checker = (name: string, registry: MeshService<'v1'>, ...words: string[]) => new MeshService(mesh, name, {
  port: 8080, calls: [registry],
  versions: { v1: { image: 'cdk8s-istio-runtime:0.1.0', args: ['list-checker', '--list', `http://${registry.hosts[0]}:8080/`, '--refresh', '1s', '--http', '8080', ...words] } },
});
const whiteList = new ExternalAuthorizer(mesh, 'customers', {
  protocol: 'http', requestHeaders: ['x-customer'], timeout: Duration.seconds(1),
  service: checker('white-list', customers, '--value', 'header:x-customer', '--message', 'you are no customer'),
});
const blackList = new ExternalAuthorizer(mesh, 'thieves', {
  protocol: 'http', requestHeaders: ['x-user'], timeout: Duration.seconds(1),
  service: checker('black-list', thieves, '--value', 'header:x-user', '--mode', 'deny', '--compare', 'ignore-case'),
});

const service = (name: string) => new MeshService(mesh, name, { port: 8080, versions: { v1: { image: `example/${name}:1` } }, calls: [] });
const [ratings, vault] = [service('ratings'), service('vault')];
new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } }, calls: [ratings, vault, customers, thieves] });

new AccessPolicy(mesh, 'customers-only', { service: ratings, custom: { provider: whiteList } });
new AccessPolicy(mesh, 'no-thieves', { service: vault, custom: { provider: blackList } });

app.synth();
