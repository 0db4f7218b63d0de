import type { LocalMesh } from '../../src/engine/local-mesh';
import { callFrom, get, startMesh } from './test-mesh';

jest.setTimeout(120_000);

const CLIENT = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: client }
spec:
  selector: { matchLabels: { app: client } }
  template:
    metadata: { labels: { app: client } }
    spec: { containers: [{ name: client, image: example/client, ports: [{ containerPort: 8080 }] }] }
`;
const HOSTS = Array.from({ length: 20 }, (_, index) => `host-${index}.test`);

let mesh: LocalMesh;

beforeAll(async () => {
  mesh = await startMesh([], {}, CLIENT);
});

afterAll(() => mesh?.close());

// Envoy asks for a name when it is told of a cluster, and, where nobody knows it, only a minute later again.
test('a name of the mesh that comes together with hosts outside is known before a proxy asks for it', async () => {
  await mesh.engine.apply(`
apiVersion: v1
kind: Service
metadata: { name: back }
spec:
  selector: { app: client }
  ports: [{ name: http, port: 80, targetPort: 8080 }]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: alias }
spec:
  hosts: [alias.test]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: DNS
  endpoints: [{ address: back.default.svc.cluster.local }]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: outside }
spec:
  hosts: [${HOSTS.join(', ')}]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: DNS
`);
  await mesh.engine.settled();
  const [answer] = await callFrom(mesh, 'client', get('http://alias.test/'));
  expect(answer?.status ?? answer?.error).toBe(200);
});
