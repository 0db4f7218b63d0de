import { App, Chart } from 'cdk8s';
import { Mesh, MeshService, Mtls, MutualTls, Port } from 'cdk8s-istio';

const app = new App();
const mesh = new Mesh(new Chart(app, 'secure', { namespace: 'secure' }), 'mesh', { mtls: Mtls.STRICT });

const httpbin = (name: string) => new MeshService(mesh, name, {
  port: Port.http(8000, { targetPort: 80 }), versions: { v1: { image: 'mccutchen/go-httpbin', env: { PORT: '80' }, local: ['node', '../apps/dist/httpbin.js'] } },
});
httpbin('httpbin');
// Whoever has no proxy may come here: the port is the one that clients use, the mesh knows the pods' own.
new MutualTls(mesh, 'open-to-all', { service: httpbin('httpbin-open'), ports: { 8000: Mtls.PERMISSIVE } });

const sleep = { port: 80, versions: { v1: { image: 'example/sleep:1' } } };
new MeshService(mesh, 'sleep', sleep);
// A client of the past, in a namespace of its own and without a proxy.
new MeshService(new Chart(app, 'legacy', { namespace: 'legacy' }), 'sleep', { ...sleep, mesh, proxy: false });

app.synth();
