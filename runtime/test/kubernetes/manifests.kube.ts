/** What the library emits for Bookinfo, given to a real kube-apiserver whose controllers make its pods; the tests do what a kubelet would. */
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';

import { ApiServer } from '../../../tools/kube/api-server';
import type { ApiObject } from '../../src/kubernetes/api';
import { askForCertificate } from '../ca/ca-client';
import { testRequest } from '../ca/test-pki';
import { rootsIn, TestControl, until } from './cluster';

const GOLDENS = join(__dirname, '../../../test/goldens/bookinfo');
/** Kinds that a bare server knows. */
const OWN = /^(v1|apps\/v1|rbac\.authorization\.k8s\.io\/v1)$/;

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly serviceAccountName: string; readonly volumes: readonly Volume[] };
}

interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name: string };
  readonly projected?: { readonly sources: readonly { readonly serviceAccountToken?: { readonly audience?: string; readonly expirationSeconds: number } }[] };
}

let server: ApiServer;
let control: TestControl;

beforeAll(async () => { server = await ApiServer.start(); }, 600_000);
afterAll(async () => {
  await control?.stop();
  server?.stop();
});

const manifests = readdirSync(GOLDENS).map((file) => load(readFileSync(join(GOLDENS, file), 'utf8')) as ApiObject).filter(({ apiVersion }) => OWN.test(apiVersion))
  .sort((a, b) => Number(b.kind === 'Namespace') - Number(a.kind === 'Namespace'));

test('the server takes every object, and knows every field', async () => {
  for (const object of manifests) {
    const { metadata: { namespace }, apiVersion, kind } = object;
    const path = `${apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${kind.toLowerCase()}s`;
    const { status, body, warnings } = await server.post(`${path}?fieldValidation=Strict`, object);
    expect([kind, object.metadata.name, status, status === 201 ? '' : body.message, warnings]).toEqual([kind, object.metadata.name, 201, '', []]);
  }
}, 60_000);

async function podsOf(namespace: string, selector: string): Promise<readonly Pod[]> {
  return (await server.get(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`)).body.items as Pod[];
}

async function podOf(namespace: string, selector: string): Promise<Pod> {
  await until(async () => (await podsOf(namespace, selector)).length > 0);
  return (await podsOf(namespace, selector))[0]!;
}

/** What a kubelet projects into a pod. */
async function projectedToken(namespace: string, pod: Pod, volume: string): Promise<string> {
  const source = pod.spec.volumes.find(({ name }) => name.startsWith(volume))?.projected?.sources.find(({ serviceAccountToken }) => serviceAccountToken)?.serviceAccountToken;
  const { audience, expirationSeconds } = source!;
  const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: pod.metadata.name, uid: pod.metadata.uid };
  const spec = { ...(audience === undefined ? {} : { audiences: [audience] }), expirationSeconds, boundObjectRef };
  const { status, body } = await server.post(`/api/v1/namespaces/${namespace}/serviceaccounts/${pod.spec.serviceAccountName}/token`, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec });
  expect([status, body.message]).toEqual([201, undefined]);
  return (body.status as { token: string }).token;
}

test('the control plane, as its pod, serves; sidecars and gateways, as theirs, get certificates of their accounts by the roots that they mount', async () => {
  const istiod = await podOf('istio-system', 'app=istiod');
  control = await new TestControl(server, { namespace: 'istio-system', token: await projectedToken('istio-system', istiod, 'kube-api-access') }).serving();
  for (const [app, account] of [['reviews,version=v2', 'reviews'], ['productpage', 'productpage'], ['edge', 'edge']] as const) {
    const pod = await podOf('bookinfo', encodeURIComponent(`app=${app}`));
    const mounted = pod.spec.volumes.find(({ name }) => name === 'istiod-ca-cert')?.configMap?.name;
    expect(mounted).toBe('istio-ca-root-cert');
    await until(async () => await rootsIn(server, 'bookinfo') !== undefined);
    const token = await projectedToken('bookinfo', pod, 'istio-token');
    const { certChain } = await askForCertificate({ address: control.address, roots: (await rootsIn(server, 'bookinfo'))!, token, cluster: 'Kubernetes', request: { csr: await testRequest() } });
    expect(new X509Certificate(certChain[0]!).subjectAltName).toBe(`URI:spiffe://cluster.local/ns/bookinfo/sa/${account}`);
    // What the same pod has for the API server is for nobody else.
    await expect(askForCertificate({ address: control.address, roots: (await rootsIn(server, 'bookinfo'))!, token: await projectedToken('bookinfo', pod, 'kube-api-access'), request: { csr: await testRequest() } }))
      .rejects.toThrow('UNAUTHENTICATED');
  }
}, 120_000);
