import { App, Chart, Duration } from 'cdk8s';
import { ExternalService, Mesh, MeshService, Outbound, Port } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'external-services', { namespace: 'external-services' });

// Nobody leaves the mesh for a host that is not named here.
const mesh = new Mesh(chart, 'mesh', { outbound: Outbound.REGISTRY_ONLY });
new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } } });

// Both ports of a web site; the mesh sees requests on 80, and on 443 the name that the client asks for.
new ExternalService(mesh, 'docs', { hosts: ['docs.example.org'], port: [Port.http(80), Port.https(443)] });

// Routing rules work for the outside world too.
const weather = new ExternalService(mesh, 'weather', { hosts: ['weather.example.org'], port: Port.http(80) });
weather.decorate({ timeout: Duration.seconds(1) });

// The application speaks plain HTTP, its proxy TLS.
new ExternalService(mesh, 'partner', { hosts: ['api.partner.example'], port: Port.http(80), originateTls: true });

app.synth();
