import { App, Chart } from 'cdk8s';
import { AccessPolicy, Mesh, MeshService, Mtls } from 'cdk8s-istio';

const app = new App();
const photos = new Chart(app, 'photo', { namespace: 'photo-ns' });
const data = new Chart(app, 'datastore', { namespace: 'datastore-ns' });
// The authority stands alone, in a namespace that only the cluster's administrators may touch.
const mesh = new Mesh(photos, 'mesh', { mtls: Mtls.STRICT, controlPlaneNamespace: 'istio-ca-ns' });

const service = (chart: Chart, name: string) => new MeshService(chart, name, { mesh, port: 80, versions: { v1: { image: `example/${name}:1` } } });
service(photos, 'photo-frontend');
const backend = service(photos, 'photo-backend');
const datastore = service(data, 'datastore');

// Photos are the backend's business: the frontend gets them from there.
new AccessPolicy(data, 'backend-only', { service: datastore, allow: [{ from: [backend] }] });

app.synth();
