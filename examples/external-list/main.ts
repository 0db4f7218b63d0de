import { App, Chart, Duration } from 'cdk8s';
import { AccessPolicy, ListChecker, Mesh, MeshService } from 'cdk8s-istio';

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
const every = { refresh: Duration.seconds(1) };
const whiteList = new ListChecker(mesh, 'white-list', {
  ...every, list: 'http://white-list-registry:8080/', from: customers, value: 'header:x-customer', mode: 'allow', message: 'you are no customer',
});
const blackList = new ListChecker(mesh, 'black-list', {
  ...every, list: 'http://black-list-registry:8080/', from: thieves, value: 'header:x-user', mode: 'deny', compare: 'ignore-case',
});

const service = (name: string) => new MeshService(mesh, name, { port: 8080, versions: { v1: { image: `example/${name}:1` } }, calls: [] });
const [ratings, vault] = [service('ratings'), service('vault')];
new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } }, calls: [ratings, vault, customers, thieves] });

new AccessPolicy(mesh, 'customers-only', { service: ratings, custom: { provider: whiteList.authorizer } });
new AccessPolicy(mesh, 'no-thieves', { service: vault, custom: { provider: blackList.authorizer } });

app.synth();
