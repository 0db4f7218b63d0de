import { App, Chart } from 'cdk8s';
import { EgressGateway, Mesh, MeshService, Outbound } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'egress-gateway', { namespace: 'egress-gateway' });
const mesh = new Mesh(chart, 'mesh', { outbound: Outbound.REGISTRY_ONLY });

new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } } });

// Whatever goes to these hosts leaves through this gateway: HTTP on port 80, TLS on 443 by the name the client asks for.
new EgressGateway(mesh, 'egress', { hosts: ['edition.cnn.example', '*.news.example'] });

app.synth();
