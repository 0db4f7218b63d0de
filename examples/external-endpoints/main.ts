import { App, Chart } from 'cdk8s';
import { ExternalService, Mesh, MeshService, Outbound, Port } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'external-endpoints', { namespace: 'external-endpoints' });
const mesh = new Mesh(chart, 'mesh', { outbound: Outbound.REGISTRY_ONLY });
new MeshService(mesh, 'client', { port: 8080, versions: { v1: { image: 'example/client:1' } } });
new MeshService(new Chart(app, 'other-team', { namespace: 'other-team' }), 'neighbour', { mesh, port: 8080, versions: { v1: { image: 'example/client:1' } } });

// Machines with known addresses behind one name, for this namespace only. Versions of them take shares like those of a service in the mesh.
const legacy = new ExternalService(mesh, 'legacy', {
  host: 'legacy.example.org',
  port: Port.http(80),
  versions: {
    old: [{ address: '203.0.113.7', ports: { 80: 8080 }, locality: 'us-west1/zone1' }],
    new: [{ address: '203.0.113.8', locality: 'us-west1/zone1' }, { address: '203.0.113.9', locality: 'us-west1/zone2', weight: 3 }],
  },
  exportTo: ['.'],
});
legacy.route({ to: { old: 80, new: 20 } });

// A database with an address that clients use and others that stand behind it.
new ExternalService(mesh, 'ledger', { host: 'ledger.example.org', addresses: ['192.0.2.1'], port: Port.tcp(9000), endpoints: ['203.0.113.20'] });

app.synth();
