import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ApiError, followObjects, KubernetesApi, readInCluster, readKubeconfig, type ApiObject } from '../../src/kubernetes/api';
import { StandIn } from './stand-in';

let folder: string;

beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'api-')); });
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text, { mode: 0o600 });
  return join(folder, name);
};

function kubeconfig(cluster: object, user: object = {}, more: object = {}): string {
  return write('kubeconfig', JSON.stringify({
    'current-context': 'here', 'contexts': [{ name: 'here', context: { cluster: 'lab', user: 'me', namespace: 'mesh' } }], 'clusters': [{ name: 'lab', cluster }], 'users': [{ name: 'me', user }], ...more,
  }));
}

describe('a kubeconfig', () => {
  const server = 'https://api.example:6443/clusters/a';

  test('says where the server is and who we are; files are found beside it, and data stands before them', () => {
    write('ca.crt', 'of a file');
    write('token', 'first\n');
    const path = kubeconfig({ server, 'certificate-authority': 'ca.crt', 'tls-server-name': 'other.example' }, {
      'tokenFile': 'token', 'client-certificate-data': Buffer.from('certificate').toString('base64'), 'client-certificate': 'nowhere', 'client-key-data': Buffer.from('key').toString('base64'),
    });
    const access = readKubeconfig(path);
    expect([access.server.href, access.namespace, access.token()]).toEqual([server, 'mesh', 'first']);
    expect(access.tls).toEqual({ ca: Buffer.from('of a file'), cert: Buffer.from('certificate'), key: Buffer.from('key'), servername: 'other.example' });
    write('token', 'second\n');
    expect(access.token()).toBe('second');
  });

  test.each([
    ['a program for tokens', () => kubeconfig({ server }, { exec: { command: 'login' } }), 'the user has exec, which is not understood here: give a token, a tokenFile, or a client-certificate with its client-key'],
    ['a proxy', () => kubeconfig({ server, 'proxy-url': 'http://proxy' }), 'the cluster has proxy-url, which is not understood here'],
    ['plain text', () => kubeconfig({ server: 'http://api.example' }), 'the server is "http://api.example", expected https://HOST:PORT, for tokens and keys are sent there'],
    ['a context that is not there', () => kubeconfig({ server }, {}, { 'current-context': 'elsewhere' }), 'there is no context "elsewhere" in contexts'],
    ['nothing', () => write('kubeconfig', ''), 'there is no context undefined in contexts'],
  ])('with %s is refused', (_, make, message) => {
    expect(() => readKubeconfig(make())).toThrow(message);
  });
});

test('a pod finds its server by the environment, and its token anew each time; elsewhere there is none', () => {
  write('ca.crt', 'root');
  write('token', 'first\n');
  write('namespace', 'mesh\n');
  const access = readInCluster({ KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' }, folder)!;
  expect([access.server.href, access.namespace, access.token()]).toEqual(['https://[fd00::1]:6443/', 'mesh', 'first']);
  write('token', 'second');
  expect(access.token()).toBe('second');
  expect(readInCluster({}, folder)).toBeUndefined();
});

describe('following', () => {
  let server: StandIn;
  let api: KubernetesApi;
  let end: () => void = () => undefined;
  const seen: string[][] = [];
  const faults: string[] = [];

  beforeAll(async () => { server = await StandIn.start(); });
  afterAll(() => server.stop());
  afterEach(() => {
    end();
    api.close();
    server.forget();
    [seen, faults].forEach((list) => list.splice(0));
  });

  const object = (name: string, version: number): ApiObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, resourceVersion: String(version) } });
  const list = (version: number, ...names: string[]) => JSON.stringify({ metadata: { resourceVersion: String(version) }, items: names.map((name) => object(name, version)) });
  const event = (type: string, of: object) => `${JSON.stringify({ type, object: of })}\n`;
  const begin = () => {
    api = new KubernetesApi(readKubeconfig(kubeconfig(server.cluster, { token: 'secret' })));
    end = followObjects(api, { path: '/api/v1/namespaces', onChange: (objects) => seen.push([...objects.keys()].sort()), onFault: (message) => faults.push(message) });
  };
  const seenAs = async (...names: string[]) => {
    const deadline = Date.now() + 10_000;
    while (JSON.stringify(seen.at(-1)) !== JSON.stringify(names.map((name) => `/${name}`)) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen.at(-1)).toEqual(names.map((name) => `/${name}`));
  };

  test('lists, then hears of changes; after an end it goes on where it was, after an oblivion it lists again', async () => {
    begin();
    const first = await server.next();
    expect([first.method, first.url, first.headers.authorization]).toEqual(['GET', '/prefix/api/v1/namespaces', 'Bearer secret']);
    first.answer.end(list(5, 'a', 'b'));
    const watch = await server.next();
    expect(Object.fromEntries(new URL(watch.url, 'https://x').searchParams)).toMatchObject({ watch: 'true', resourceVersion: '5', allowWatchBookmarks: 'true' });
    const text = event('ADDED', object('c', 6)) + event('DELETED', object('a', 7));
    watch.answer.write(text.slice(0, 20));
    watch.answer.write(text.slice(20));
    await seenAs('b', 'c');
    watch.answer.end(event('BOOKMARK', { kind: 'Namespace', metadata: { resourceVersion: '9' } }));
    const next = await server.next();
    expect(new URL(next.url, 'https://x').searchParams.get('resourceVersion')).toBe('9');
    next.answer.end(event('ERROR', { kind: 'Status', code: 410, message: 'too old resource version' }));
    const again = await server.next();
    expect(again.url).toBe('/prefix/api/v1/namespaces');
    again.answer.end(list(20, 'd'));
    await seenAs('d');
    expect(faults).toEqual([]);
  }, 30_000);

  test('says why nothing is known, keeps what was, and tries again: a refusal, a connection that breaks amid an event', async () => {
    begin();
    (await server.next()).answer.writeHead(403).end(JSON.stringify({ message: 'namespaces is forbidden' }));
    (await server.next()).answer.end(list(1, 'a', 'b'));
    const watch = await server.next();
    watch.answer.write('{"type":"ADD');
    await seenAs('a', 'b');
    watch.answer.destroy();
    (await server.next()).answer.end(list(4, 'e'));
    await seenAs('e');
    expect(faults[0]).toBe('GET /api/v1/namespaces: 403 namespaces is forbidden');
    expect(faults[1]).toMatch(/^following \/api\/v1\/namespaces at https:.*(aborted|hang up)/);
    expect(faults.length).toBe(2);
  }, 30_000);

  test('whoever is not the server that the file names gets no token', async () => {
    const { cluster } = server;
    api = new KubernetesApi(readKubeconfig(kubeconfig({ ...cluster, 'tls-server-name': 'stranger.example' }, { token: 'secret' })));
    await expect(api.send({ method: 'GET', path: '/api' })).rejects.toThrow(/stranger\.example/);
    expect(await api.send({ method: 'GET', path: '/api' }).catch((error: unknown) => error instanceof ApiError)).toBe(false);
  });
});
