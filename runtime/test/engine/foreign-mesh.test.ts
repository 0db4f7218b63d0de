import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump } from 'js-yaml';

import { cacerts, testAuthority, testLeaf, testList, type TestAuthority } from '../ca/test-pki';
import type { LocalMesh } from '../../src/engine/local-mesh';
import { callFrom, get, startMesh, statuses } from './test-mesh';

jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), 'foreign-mesh-'));
const place = join(folder, 'cacerts');

/** A pod with an account of its own, and a Service. */
const workload = (name: string, config: object = {}) => `
apiVersion: v1
kind: ServiceAccount
metadata: { name: ${name} }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata:
      labels: { app: ${name} }
      annotations: ${JSON.stringify({ 'proxy.istio.io/config': dump(config) })}
    spec: { serviceAccountName: ${name}, containers: [{ name: ${name}, image: example/${name}, ports: [{ containerPort: 8000 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, targetPort: 8000 }] }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name} }
spec: { host: ${name}, trafficPolicy: { connectionPool: { http: { maxRequestsPerConnection: 1 } } } }
---`;

/** A proxy whose certificate somebody else has made. */
function mounted(files: string): object {
  const proxyMetadata = {
    FILE_MOUNTED_CERTS: 'true', ISTIO_META_TLS_CLIENT_CERT_CHAIN: join(files, 'cert-chain.pem'), ISTIO_META_TLS_CLIENT_KEY: join(files, 'key.pem'),
    ISTIO_META_TLS_CLIENT_ROOT_CERT: join(files, 'root-cert.pem'),
  };
  return { proxyMetadata };
}

const STRICT = `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: istio-system }
spec: { mtls: { mode: STRICT } }
---`;

const meshConfig = (config: object) => `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: ${JSON.stringify(dump({ trustDomain: 'own.example', ...config }))}
`;

let mesh: LocalMesh;
let root: TestAuthority;
let signer: TestAuthority;
let foreign: TestAuthority;

/** Writes what a workload of somebody else has. */
function filesOf(name: string, leaf: { readonly chain: string; readonly key: string }): string {
  const files = join(folder, name);
  mkdirSync(files);
  for (const [file, text] of Object.entries({ 'cert-chain.pem': leaf.chain, 'key.pem': leaf.key, 'root-cert.pem': root.certificate + foreign.certificate })) {
    writeFileSync(join(files, file), text, { mode: 0o600 });
  }
  return files;
}

beforeAll(async () => {
  [root, foreign] = [await testAuthority('Own Root'), await testAuthority('Foreign Root')];
  signer = await testAuthority('Own Signer', { issuer: root });
  mkdirSync(place);
  cacerts(signer, [], root).forEach((text, name) => writeFileSync(join(place, name), text));
  const partner = filesOf('partner', await testLeaf(foreign, 'spiffe://partner.example/ns/default/sa/partner'));
  mkdirSync(join(folder, 'mesh'));
  writeFileSync(join(folder, 'mesh/mesh.yaml'), workload('client') + workload('till') + workload('partner', mounted(partner)) + workload('trusting', { caCertificatesPem: [foreign.certificate] }) + STRICT + meshConfig({}));
  mesh = await startMesh([join(folder, 'mesh')], { cacerts: place });
});

afterAll(async () => {
  await mesh?.close();
  rmSync(folder, { recursive: true });
});

async function set(config: object): Promise<void> {
  await mesh.engine.apply(meshConfig(config));
  await mesh.engine.settled();
}

const foreignRoot = () => ({ caCertificates: [{ pem: foreign.certificate }] });
const ALIAS = { trustDomainAliases: ['partner.example'] };

/** Until it is so: files of roots are looked at twice a second. */
async function becomes(from: string, to: string, expected: Record<string, number>): Promise<void> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const found = statuses(await callFrom(mesh, from, get(`http://${to}/`), { times: 5 }));
    if (JSON.stringify(found) === JSON.stringify(expected)) return;
    if (Date.now() > deadline) expect(found).toEqual(expected);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

test('a workload with the certificate of another mesh comes in where its root and its trust domain are let in, and only there', async () => {
  await becomes('client', 'till', { 200: 5 });
  await becomes('partner', 'till', { 503: 5 });
  await set(ALIAS);
  await becomes('partner', 'till', { 503: 5 });
  // A proxy that has the root by itself needs nobody else for it.
  await becomes('partner', 'trusting', { 200: 5 });
  await set(foreignRoot());
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await becomes('partner', 'till', { 503: 5 });
  await set({ ...foreignRoot(), ...ALIAS });
  await becomes('partner', 'till', { 200: 5 });
  await becomes('client', 'till', { 200: 5 });
});

test('its own service is called, whose account has its name in that trust domain', async () => {
  await becomes('client', 'partner', { 200: 5 });
});

test('policies see the name that the certificate has; cluster.local stands for all of the mesh\'s trust domains', async () => {
  const deny = (principal: string) => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: till }
spec: { selector: { matchLabels: { app: till } }, action: DENY, rules: [{ from: [{ source: { principals: ['${principal}'] } }] }] }
`;
  await mesh.engine.apply(deny('elsewhere.example/ns/default/sa/partner'));
  await becomes('partner', 'till', { 200: 5 });
  await mesh.engine.apply(deny('cluster.local/ns/default/sa/partner'));
  await becomes('partner', 'till', { 403: 5 });
  await becomes('client', 'till', { 200: 5 });
  await mesh.engine.remove({ kind: 'AuthorizationPolicy', namespace: 'default', name: 'till' });
  await becomes('partner', 'till', { 200: 5 });
});

test('the root of others goes at once when it is taken out', async () => {
  await set(ALIAS);
  await becomes('partner', 'till', { 503: 5 });
  await becomes('client', 'till', { 200: 5 });
});

test('an authority that ca-crl.pem takes back is refused with all that it has signed (F168)', async () => {
  const stolen = await testAuthority('Stolen', { issuer: root });
  const leaf = await testLeaf(stolen, 'spiffe://own.example/ns/default/sa/partner', [stolen]);
  for (const [file, text] of Object.entries({ 'cert-chain.pem': leaf.chain, 'key.pem': leaf.key })) writeFileSync(join(folder, 'partner', file), text);
  await set({});
  await becomes('partner', 'till', { 200: 5 });
  const lists = [await testList(signer), await testList(stolen)];
  writeFileSync(join(place, 'ca-crl.pem'), [await testList(root), ...lists].join(''));
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  await becomes('partner', 'till', { 200: 5 });
  writeFileSync(join(place, 'ca-crl.pem'), [await testList(root, [stolen]), ...lists].join(''));
  await becomes('partner', 'till', { 503: 5 });
  await becomes('client', 'till', { 200: 5 });
  expect(mesh.engine.problems()).toEqual([]);
});

test('a list that cannot be used is told of, and the last one stays in force', async () => {
  writeFileSync(join(place, 'ca-crl.pem'), await testList(root));
  const deadline = Date.now() + 10_000;
  while (mesh.engine.problems().length === 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(mesh.engine.problems().map(({ path, message }) => `${path} ${message}`)).toEqual([
    'ca-crl.pem holds no list that CN=Own Signer has signed: proxies refuse what it has signed without one; add one, which may be empty; the last good list stays in force',
  ]);
  await becomes('partner', 'till', { 503: 5 });
  rmSync(join(place, 'ca-crl.pem'));
  await becomes('partner', 'till', { 200: 5 });
});
