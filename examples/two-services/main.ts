import { ApiObject, App, Chart } from 'cdk8s';
import { Mesh, MeshService } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'two-services', { namespace: 'two-services' });
const mesh = new Mesh(chart, 'mesh');

// Two servers that have nothing to do with each other, and one service in front of both.
const labels = { tier: 'web' };
const tomcat = new MeshService(mesh, 'tomcat', { port: 8080, versions: { v1: { image: 'tomcat:10', labels } }, calls: [] });
const httpd = new MeshService(mesh, 'httpd', { port: 8080, versions: { v1: { image: 'httpd:2.4', labels } }, calls: [] });
const web = MeshService.fromSelector(mesh, 'web', { port: 8080, selector: labels });

// Who asks for `web` gets tomcat four times out of five.
web.route({ to: [{ service: tomcat, weight: 80 }, { service: httpd, weight: 20 }] });

new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } }, calls: [web] });

// The rule acts in the client's proxy. This client has none: it sees what Kubernetes does, half and half.
new ApiObject(chart, 'plain-client', {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'plain-client' },
  spec: {
    selector: { matchLabels: { app: 'plain-client' } },
    template: {
      metadata: { labels: { app: 'plain-client' }, annotations: { 'sidecar.istio.io/inject': 'false' } },
      spec: { containers: [{ name: 'client', image: 'example/client:1' }] },
    },
  },
});

app.synth();
