// A mesh of N services in one chart, 5 objects a service, every check on. Prints the milliseconds from the first construct to the last byte.
const { App, Chart } = require('cdk8s');
const { CanaryRoute, Mesh, MeshRuntime, MeshService } = require('cdk8s-istio');

const [services, outdir] = [Number(process.argv[2]), process.argv[3]];
const start = process.hrtime.bigint();
const app = new App({ outdir });
const chart = new Chart(app, 'bench', { namespace: 'bench' });
const mesh = new Mesh(chart, 'mesh', { runtime: MeshRuntime.istio() });
for (let i = 0; i < services; i += 1) {
  const service = new MeshService(mesh, `service-${i}`, { port: 8080, versions: { v1: { image: 'example/app:1' }, v2: { image: 'example/app:2' } } });
  new CanaryRoute(mesh, `canary-${i}`, { service, stable: 'v1', canary: 'v2', weight: 10 });
}
app.synth();
console.log(Number(process.hrtime.bigint() - start) / 1e6);
