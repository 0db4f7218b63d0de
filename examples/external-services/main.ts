import { App, Chart, Duration } from 'cdk8s';
import { ExternalService, Mesh, MeshService, Outbound, Port } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'external-services', { namespace: 'external-services' });

// Nobody leaves the mesh for a host that is not named here.
const mesh = new Mesh(chart, 'mesh', { outbound: Outbound.REGISTRY_ONLY });
new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } } });

// Both ports of a web site; the mesh sees requests on 80, and on 443 the name that the client asks for.
new ExternalService(mesh, 'docs', { host: 'docs.example.org', port: [Port.http(80), Port.https(443)] });

// All names below one.
new ExternalService(mesh, 'foo', { host: '*.foo.example', port: [Port.http(80), Port.https(443)] }).decorate({ timeout: Duration.seconds(2) });

// Routing rules work for the outside world too.
new ExternalService(mesh, 'weather', { host: 'weather.example.org', port: 80 }).decorate({ timeout: Duration.seconds(1) });

// Neither HTTP nor TLS: the mesh knows connections by their address, here one of the host's own.
new ExternalService(mesh, 'lines', { host: 'lines.example.org', port: Port.tcp(9000) });

app.synth();
