import { App, Chart } from 'cdk8s';
import { EgressGateway, ExternalService, Mesh, MeshService, Outbound, Port } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'tls-origination', { namespace: 'tls-origination' });
const mesh = new Mesh(chart, 'mesh', { outbound: Outbound.REGISTRY_ONLY });
new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } } });

// The application says http://api.partner.example, its proxy speaks TLS to port 443 and sees requests instead of bytes.
new ExternalService(mesh, 'partner', { host: 'api.partner.example', port: Port.http(80), originateTls: true });

// The same for applications that name the port themselves: http://search.example.org:443.
new ExternalService(mesh, 'search', { host: 'search.example.org', port: Port.http(443), originateTls: true });

// Whoever answers there must show a certificate for the name that is meant.
new ExternalService(mesh, 'copy', { host: 'copy.partner.example', port: Port.http(80), originateTls: { serverName: 'api.partner.example' } });

// And here it is the way out of the mesh that speaks TLS; on the way there the mesh's own mutual TLS is around the request.
const news = new ExternalService(mesh, 'news', { host: 'edition.news.example', port: Port.http(80), originateTls: true });
new EgressGateway(mesh, 'egress', { mutualTls: true }).allow(news);

app.synth();
