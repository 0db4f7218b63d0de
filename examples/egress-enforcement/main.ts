import { ApiObject, App, Chart } from 'cdk8s';
import { EgressGateway, Mesh, MeshService } from 'cdk8s-istio';

const app = new App();
const edge = new Chart(app, 'egress-enforcement', { namespace: 'egress-enforcement' });
const mesh = new Mesh(edge, 'mesh');

// A proxy leads traffic through the gateway, but a pod without one goes where it likes. `enforce` writes a NetworkPolicy against that.
const egress = new EgressGateway(mesh, 'egress', { enforce: ['test-egress'] });
const cnn = egress.allow('edition.cnn.example');

const test = new Chart(app, 'test-egress', { namespace: 'test-egress' });
new MeshService(test, 'client', { mesh, port: 8080, versions: { v1: { image: 'example/client:1' } }, calls: [cnn] });

// A pod that is not part of the mesh.
new ApiObject(test, 'stranger', {
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'stranger' },
  spec: {
    selector: { matchLabels: { app: 'stranger' } },
    template: {
      metadata: { labels: { 'app': 'stranger', 'sidecar.istio.io/inject': 'false' } },
      spec: { containers: [{ name: 'stranger', image: 'example/client:1' }] },
    },
  },
});

app.synth();
