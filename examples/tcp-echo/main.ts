import { App, Chart } from 'cdk8s';
import { Gateway, Mesh, MeshService, Port, TrafficShift } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'tcp-echo', { namespace: 'tcp-echo' });
const mesh = new Mesh(chart, 'mesh');

// Each version puts its own word in front of what it hears.
const version = (word: string) => ({
  image: 'istio/tcp-echo-server:1.3', args: ['9000', word], local: ['node', '../apps/dist/tcp-echo.js', word],
});
const echo = new MeshService(mesh, 'tcp-echo', { port: Port.tcp(9000), versions: { v1: version('one '), v2: version('two ') }, calls: [] });
new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } }, calls: [echo] });

new TrafficShift(mesh, 'echo-to-v2', { service: echo, from: 'v1', to: 'v2', steps: [20, 50, 100], step: 1 });
new Gateway(mesh, 'edge', { hosts: ['*'] }).tcp(31400, echo);

app.synth();
