import { join } from 'node:path';

import type { LocalMesh } from '../../src/engine/local-mesh';
import { callFrom, get, keepCalling, podsOf, servers, startMesh, statuses } from './test-mesh';

jest.setTimeout(120_000);

const WEB = 'http://web:8000/';
const subsets = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: web, namespace: shop }
spec: { host: web, subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }] }
`;
const route = (v1: number, v2: number) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web, namespace: shop }
spec:
  hosts: [web]
  http: [{ route: [{ destination: { host: web, subset: v1 }, weight: ${v1} }, { destination: { host: web, subset: v2 }, weight: ${v2} }] }]
`;

let mesh: LocalMesh;

beforeAll(async () => {
  mesh = await startMesh([join(__dirname, 'shop.yaml')]);
});

afterAll(() => mesh?.close());

/** Every test begins with the manifests of the start. */
afterEach(async () => {
  await mesh.engine.reset();
  await mesh.engine.settled();
});

describe('pods', () => {
  test('run the echo server behind a real Envoy', async () => {
    const [answer] = await callFrom(mesh, 'client', get(WEB));

    expect(answer?.status).toBe(200);
    expect(answer?.headers.server).toBe('envoy');
    expect(podsOf(mesh, 'web')).toContain(`shop/${answer?.headers['x-served-by']}`);
  });

  test('without a sidecar reach services too', async () => {
    const answers = await callFrom(mesh, 'bare', get(WEB), { times: 50, parallel: 5 });

    expect(statuses(answers)).toEqual({ 200: 50 });
    expect(mesh.engine.pods().find(({ labels }) => labels.app === 'bare')?.containers).toEqual(['bare']);
  });

  test('run commands with the environment of their container', async () => {
    const { code, stdout } = await mesh.engine.exec(podsOf(mesh, 'bare')[0] as string, ['sh', '-c', 'echo $WHO $NAME $HOSTNAME; exit 7']);

    // A name that is defined later is not replaced, as in Kubernetes.
    expect(stdout).toBe(`$(NAME).bare first ${podsOf(mesh, 'bare')[0]?.split('/')[1]}\n`);
    expect(code).toBe(7);
  });

  test('tell of their Envoy: statistics and the access log', async () => {
    const pod = podsOf(mesh, 'client')[0] as string;
    const counter = 'cluster.outbound|8000||web.shop.svc.cluster.local.upstream_rq_200';
    const before = (await mesh.engine.stats(pod)).get(counter) ?? 0;
    await callFrom(mesh, 'client', get(`${WEB}for-the-log`), { times: 3 });

    expect((await mesh.engine.stats(pod)).get(counter)).toBe(before + 3);
    expect((await mesh.engine.log(pod, 'istio-proxy')).filter((line) => line.includes('/for-the-log'))).toHaveLength(3);
  });

  test('whose application is killed are not ready until it is started again', async () => {
    const pod = podsOf(mesh, 'web', 'v2')[0] as string;
    await mesh.engine.kill(pod);
    await mesh.engine.settled();
    const without = await callFrom(mesh, 'client', get(WEB), { times: 100, parallel: 4 });
    await mesh.engine.restart(pod);
    await mesh.engine.settled();
    const again = await callFrom(mesh, 'client', get(WEB), { times: 100, parallel: 4 });

    expect(servers(without)).toEqual({ [podsOf(mesh, 'web', 'v1')[0]?.slice(5) as string]: 100 });
    expect(statuses(again)).toEqual({ 200: 100 });
    expect(Object.keys(servers(again))).toHaveLength(2);
  });
});

describe('names', () => {
  test.each(['web', 'web.shop', 'web.shop.svc', 'web.shop.svc.cluster.local', 'alias', 'alias.of-alias'])('%s reaches the service', async (host) => {
    await mesh.engine.apply(`
apiVersion: v1
kind: Service
metadata: { name: alias, namespace: shop }
spec: { type: ExternalName, externalName: web.shop.svc.cluster.local }
---
apiVersion: v1
kind: Service
metadata: { name: alias, namespace: of-alias }
spec: { type: ExternalName, externalName: alias.shop.svc.cluster.local }
`);
    await mesh.engine.settled();
    const [answer] = await callFrom(mesh, 'client', get(`http://${host}:8000/`));

    expect(answer?.status).toBe(200);
  });
});

describe('routing', () => {
  test('splits by weight', async () => {
    await mesh.engine.apply(`${subsets}---${route(80, 20)}`);
    await mesh.engine.settled();
    const answers = await callFrom(mesh, 'client', get(WEB), { times: 1000, parallel: 4 });

    expect(statuses(answers)).toEqual({ 200: 1000 });
    // 1,000 with p = 0.2: further than 65 away less than once in 10^6 runs.
    const second = servers(answers)[podsOf(mesh, 'web', 'v2')[0]?.slice(5) as string] ?? 0;
    expect(Math.abs(second - 200)).toBeLessThan(65);
  });

  test('applied in the wrong order fails no request, and says what it waits for', async () => {
    const stop = keepCalling(mesh, 'client', get(WEB));
    await mesh.engine.apply(route(0, 100));
    await mesh.engine.settled();
    const problems = mesh.engine.problems();
    await mesh.engine.apply(subsets);
    await mesh.engine.settled();
    const before = await stop();
    const after = await callFrom(mesh, 'client', get(WEB), { times: 50 });

    expect(Object.keys(statuses(before))).toEqual(['200']);
    expect(problems).toContainEqual(expect.objectContaining({
      resource: { kind: 'VirtualService', namespace: 'shop', name: 'web' }, path: expect.stringContaining('subset'), at: 'the applied manifest',
    }));
    expect(servers(after)).toEqual({ [podsOf(mesh, 'web', 'v2')[0]?.slice(5) as string]: 50 });
  });
});

describe('no request is lost', () => {
  test('while pods are added and removed', async () => {
    const stop = keepCalling(mesh, 'client', get(WEB));
    for (const replicas of [3, 1, 2]) {
      await mesh.engine.scale({ namespace: 'shop', name: 'web-v1' }, replicas);
      await mesh.engine.settled();
      expect(podsOf(mesh, 'web', 'v1')).toHaveLength(replicas);
    }
    const answers = await stop();

    expect(Object.keys(statuses(answers))).toEqual(['200']);
    expect(Object.keys(servers(answers)).length).toBeGreaterThanOrEqual(4);
  });

  test('that is under way when its pod is to go', async () => {
    await mesh.engine.scale({ namespace: 'shop', name: 'web-v2' }, 0);
    await mesh.engine.settled();
    const slow = callFrom(mesh, 'client', get(`${WEB}delay/3`), { times: 4, parallel: 4 });
    await new Promise((wake) => setTimeout(wake, 500));
    const [leaving] = podsOf(mesh, 'web', 'v1');
    await mesh.engine.scale({ namespace: 'shop', name: 'web-v2' }, 1);
    await mesh.engine.settled();
    await mesh.engine.scale({ namespace: 'shop', name: 'web-v1' }, 0);
    const answers = await slow;

    expect(statuses(answers)).toEqual({ 200: 4 });
    expect(servers(answers)).toEqual({ [leaving?.slice(5) as string]: 4 });
  });

  test('while a Deployment gets another template', async () => {
    const [old] = podsOf(mesh, 'web', 'v1');
    const stop = keepCalling(mesh, 'client', get(WEB));
    await mesh.engine.apply(`
apiVersion: apps/v1
kind: Deployment
metadata: { name: web-v1, namespace: shop }
spec:
  selector: { matchLabels: { app: web, version: v1 } }
  template:
    metadata: { labels: { app: web, version: v1 } }
    spec: { containers: [{ name: web, image: example/web:1.1, ports: [{ containerPort: 8080 }] }] }
`);
    await mesh.engine.settled();
    const answers = await stop();

    expect(podsOf(mesh, 'web', 'v1')).toHaveLength(1);
    expect(podsOf(mesh, 'web', 'v1')).not.toContain(old);
    expect(Object.keys(statuses(answers))).toEqual(['200']);
  });

  test('while the control plane is down, and nothing is sent again when it is back', async () => {
    const pod = podsOf(mesh, 'client')[0] as string;
    const updates = async () => [...await mesh.engine.stats(pod)].filter(([name]) => /\.(cds|lds|rds\..*)\.update_success$|^cluster\.outbound.*\.update_success$/.test(name));
    const before = await updates();
    const stop = keepCalling(mesh, 'client', get(WEB));
    await mesh.engine.kill('istiod');
    const [alone] = await callFrom(mesh, 'client', get(WEB));
    await mesh.engine.restart('istiod');
    await connected(pod);
    await mesh.engine.settled();
    const answers = await stop();

    expect(alone?.status).toBe(200);
    expect(Object.keys(statuses(answers))).toEqual(['200']);
    expect(await updates()).toEqual(before);
  });

  async function connected(pod: string): Promise<void> {
    while ((await mesh.engine.stats(pod)).get('control_plane.connected_state') !== 1) {
      await new Promise((wake) => setTimeout(wake, 50));
    }
    // The reconnected proxy has asked for everything it has by then.
    await new Promise((wake) => setTimeout(wake, 500));
  }
});

test('a container that crashes is started again, and is a problem', async () => {
  await mesh.engine.apply(`
apiVersion: v1
kind: Pod
metadata:
  name: broken
  namespace: shop
  annotations: { local.cdk8s-istio.dev/main: '["sh", "-c", "echo Error: no database >&2; exit 3"]' }
spec: { containers: [{ name: main, image: example/broken, ports: [{ containerPort: 1234 }] }] }
`);
  const found = () => mesh.engine.problems().find(({ resource }) => resource.name === 'broken');
  while (!found()) {
    await new Promise((wake) => setTimeout(wake, 50));
  }

  expect(found()).toMatchObject({ path: 'spec.containers[main]', message: expect.stringContaining('Error: no database') });
  await expect(mesh.engine.settled(100)).rejects.toThrow(/pod shop\/broken is not ready: container main is (crashed|running), not ready/);
});

test('what cannot be done is said', async () => {
  await expect(mesh.engine.scale({ namespace: 'shop', name: 'nobody' }, 2)).rejects.toThrow('there is no Deployment or StatefulSet nobody in namespace shop');
  await expect(mesh.engine.stats(podsOf(mesh, 'bare')[0] as string)).rejects.toThrow('has no Envoy');
  await expect(mesh.engine.apply('{ kind: Service }')).rejects.toThrow('apiVersion is missing');
  await expect(mesh.engine.send({ outside: true }, get('http://localhost/'), { times: 1, parallel: 1 })).rejects.toThrow('no gateway has port 80');
});
