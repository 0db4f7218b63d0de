import { existsSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HostSide } from '../../src/local/host-side';
import { Relay } from '../../src/local/relay';
import { processesOf } from './processes';
import { sidecarClusters, sidecarListeners } from './static-sidecar';
import { TestMachine } from './test-machine';

jest.setTimeout(120_000);

const PODS = [
  { name: 'client', namespace: 'shop', address: '10.244.7.1' },
  { name: 'orders', namespace: 'shop', address: '10.244.7.2' },
  { name: 'plain', namespace: 'other', address: '10.244.7.3' },
  { name: 'plain-2', namespace: 'other', address: '10.244.7.4' },
];
const CLUSTER_IP = '10.96.7.7';

describe('a machine of our own', () => {
  let machine: TestMachine;
  let hostSide: HostSide;
  let hostServer: Server;

  beforeAll(async () => {
    machine = await TestMachine.launch();
    hostServer = createServer((request, response) => response.end(`host says ${request.headers.host}${request.url}`));
    await new Promise<void>((resolve) => hostServer.listen(0, '127.0.0.1', resolve));
    const { port } = hostServer.address() as AddressInfo;
    hostSide = new HostSide(machine.inside, { targets: new Map([['api.outside.test', new Map([[80, { host: '127.0.0.1', port }]])]]) });
    await hostSide.start();
    await machine.start();
    await machine.call('add', PODS);
    await machine.call('names', [['orders.shop.svc.cluster.local', [CLUSTER_IP]], ['many.shop.svc.cluster.local', ['10.244.7.3', '10.244.7.4']]]);
    await machine.call('services', [{ address: CLUSTER_IP, port: 80, endpoints: [{ address: '10.244.7.2', port: 8080 }] }]);
    await machine.call('echo', { pod: 'orders', args: ['--service', 'orders', '--version', 'v1', '--namespace', 'shop', '--http', '8080', '--tcp', '9000'] });
    await machine.call('echo', { pod: 'client', args: ['--service', 'client', '--http', '8080'] });
    for (const pod of ['client', 'orders']) {
      await machine.call('proxy', { pod, listeners: sidecarListeners(), clusters: sidecarClusters(), capture: [] });
    }
    await waitFor(() => machine.sh('plain', 'curl -sS http://orders.shop/'), (text) => text.includes('orders'));
  });

  afterAll(async () => {
    await machine.close();
    hostSide.close();
    hostServer.close();
  });

  test('traffic between pods passes the proxies on both sides, and each knows the original destination', async () => {
    const { status, json, headers } = await machine.curl('client', `http://orders/hello`);
    expect(status).toBe(200);
    expect(headers['x-served-by']).toBe('orders');
    expect(json).toMatchObject({ service: 'orders', version: 'v1', pod: 'orders', namespace: 'shop', method: 'GET', path: '/hello', protocol: 'HTTP/1.1' });
    expect(json.headers).toMatchObject({ 'host': 'orders', 'x-outbound': `${CLUSTER_IP}:80`, 'x-inbound': '10.244.7.2:8080' });
    // The proxy's connection to its application has Istio's source address.
    expect(json.peer).toBe('127.0.0.6');
  });

  test('the proxies write what passed them to their standard output', async () => {
    await machine.curl('client', 'http://orders/logged');
    await waitFor(() => machine.call<string>('accessLog', 'client'), (log) => log.includes('outbound /logged'));
    await waitFor(() => machine.call<string>('accessLog', 'orders'), (log) => log.includes('inbound /logged'));
  });

  test('an application that calls its own pod: by its service through the proxy on both ways, by its address past it', async () => {
    await machine.call('services', [
      { address: CLUSTER_IP, port: 80, endpoints: [{ address: '10.244.7.2', port: 8080 }] },
      { address: '10.96.7.8', port: 80, endpoints: [{ address: '10.244.7.1', port: 8080 }] },
    ]);
    const byAddress = await machine.curl('client', 'http://10.244.7.1:8080/');
    expect(byAddress.json.headers).not.toHaveProperty('x-inbound');
    const byLoopback = await machine.curl('client', 'http://127.0.0.1:8080/');
    expect(byLoopback.json.headers).not.toHaveProperty('x-inbound');
    const byService = await machine.curl('client', 'http://10.96.7.8/');
    expect(byService.json.headers).toMatchObject({ 'x-outbound': '10.96.7.8:80', 'x-inbound': '10.244.7.1:8080' });
  });

  test.each(['orders', 'orders.shop', 'orders.shop.svc', 'orders.shop.svc.cluster.local', 'orders.shop.svc.cluster.local.'])('the name %s is known in the namespace', async (name) => {
    expect(await machine.sh('client', `getent ahostsv4 ${name}`)).toContain(CLUSTER_IP);
  });

  test('names: from another namespace, of several addresses, of the pod, and none', async () => {
    expect(await machine.sh('plain', 'getent hosts orders.shop')).toContain(CLUSTER_IP);
    expect(await machine.sh('plain', 'getent hosts orders')).toContain('failed with 2');
    expect(await machine.sh('client', 'getent ahostsv4 many')).toMatch(/10\.244\.7\.3[\s\S]*10\.244\.7\.4|10\.244\.7\.4[\s\S]*10\.244\.7\.3/);
    expect(await machine.sh('client', 'getent hosts client; hostname')).toMatch(/^10\.244\.7\.1\s+client\nclient$/);
    expect(await machine.sh('client', 'getent hosts missing.shop.svc.cluster.local')).toContain('failed with 2');
  });

  test('a pod without a proxy reaches a ClusterIP', async () => {
    const { status, json } = await machine.curl('plain', 'http://orders.shop/plain');
    expect(status).toBe(200);
    expect(json.headers).toMatchObject({ 'x-inbound': '10.244.7.2:8080' });
    expect(json.headers).not.toHaveProperty('x-outbound');
  });

  test('a ClusterIP is balanced over its endpoints, and follows them', async () => {
    await machine.call('echo', { pod: 'plain', args: ['--service', 'plain', '--http', '8080'] });
    await machine.call('echo', { pod: 'plain-2', args: ['--service', 'plain', '--http', '8080'] });
    const both = PODS.slice(2).map(({ address }) => ({ address, port: 8080 }));
    await machine.call('services', [{ address: '10.96.9.9', port: 80, endpoints: both }]);
    const served = async () => new Set((await machine.sh('plain', 'for i in 1 2 3 4 5 6; do curl -sS -o /dev/null -D - http://10.96.9.9/ | grep x-served-by; done')).split(/\s*\n/).map((line) => line.trim()));
    await waitFor(served, (pods) => pods.size === 2 && [...pods].every((pod) => pod.startsWith('x-served-by')));
    // A request that is under way outlives the change of the endpoints.
    const slow = Promise.all(['1', '2', '3', '4'].map(() => machine.curl('plain', 'http://10.96.9.9/delay/1')));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await machine.call('services', [{ address: '10.96.9.9', port: 80, endpoints: both.slice(1) }]);
    expect([...await served()]).toEqual(['x-served-by: plain-2']);
    expect((await slow).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await machine.call('services', [{ address: CLUSTER_IP, port: 80, endpoints: [{ address: '10.244.7.2', port: 8080 }] }]);
    expect(await machine.sh('plain', 'curl -sS --max-time 5 http://orders.shop/ -o /dev/null -w "%{http_code}"')).toBe('200');
  });

  test('hosts outside are reached through the host process, with and without a proxy', async () => {
    for (const pod of ['client', 'plain']) {
      expect((await machine.curl(pod, 'http://api.outside.test/out')).body).toBe('host says api.outside.test/out');
    }
    expect(await machine.sh('plain', 'curl -sS --max-time 5 telnet://api.outside.test:81 </dev/null; echo $?')).not.toContain('host says');
  });

  test('HTTP/2 and lines of TCP', async () => {
    const h2 = await machine.curl('plain-2', '--http2-prior-knowledge', 'http://10.244.7.3:8080/h2');
    expect(h2.json).toMatchObject({ protocol: 'HTTP/2.0', path: '/h2', headers: { host: '10.244.7.3:8080' } });
    await machine.call('echo', { pod: 'plain-2', args: ['--service', 'lines', '--tcp', '9000'] });
    const say = () => machine.sh('plain', '(printf "one\\ntwo\\n"; sleep 0.5) | timeout 2 curl -sSN telnet://10.244.7.4:9000 || true');
    expect(await waitFor(say, (said) => said.includes('two'))).toBe('plain-2 one\nplain-2 two');
  });

  test('the admin interface is at port 15000, readiness at 15021, metrics at 15090', async () => {
    expect((await machine.curl('client', 'http://127.0.0.1:15000/ready')).body).toBe('LIVE\n');
    expect((await machine.curl('client', 'http://127.0.0.1:15021/healthz/ready')).status).toBe(200);
    const metrics = await machine.curl('client', 'http://127.0.0.1:15090/stats/prometheus');
    expect(metrics.body).toContain('envoy_cluster_upstream_cx_total{cluster_name="outbound"}');
  });

  test('the relay leads from the host into a pod', async () => {
    const sockets = new Map(await machine.call<[string, string][]>('expose', [{ name: 'edge-80', endpoints: [{ address: '10.244.7.2', port: 8080 }] }]));
    const first = await Relay.start(0, sockets.get('edge-80') as string);
    // The port is taken now: the next relay that wants it moves on.
    const second = await Relay.start(first.port, sockets.get('edge-80') as string);
    expect(second.port).toBeGreaterThan(first.port);
    for (const relay of [first, second]) {
      const response = await fetch(`http://127.0.0.1:${relay.port}/relayed`);
      expect(await response.json()).toMatchObject({ service: 'orders', path: '/relayed' });
      relay.close();
    }
  });

  test('a pod that comes back under its address is reached at once; a removed one leaves nothing', async () => {
    await machine.call('exec', { pod: 'plain', argv: ['sh', '-c', 'setsid sleep 1000 >/dev/null 2>&1 & '] });
    expect((await machine.call<number[]>('processes', 'plain')).length).toBeGreaterThanOrEqual(2);
    await machine.call('remove', 'plain');
    const [plain] = PODS.slice(2);
    await machine.call('add', [plain]);
    expect(await machine.call('processes', 'plain')).toEqual([]);
    await machine.call('echo', { pod: 'plain', args: ['--service', 'again', '--http', '8080'] });
    const again = await waitFor(() => machine.curl('plain-2', 'http://10.244.7.3:8080/'), ({ status }) => status === 200);
    expect(again.json.service).toBe('again');
    expect(namesBelow(machine.inside.runDirectory, 'pods')).toHaveLength(PODS.length);
  });
});

describe('a machine without a network', () => {
  let machine: TestMachine;

  beforeAll(async () => {
    machine = await TestMachine.launch();
    await machine.start({ offline: [{ host: 'httpbin.test' }, { host: 'db.test', ports: [{ port: 5432, protocol: 'tcp' }] }] });
    await machine.call('add', PODS.slice(2));
  });

  afterAll(() => machine.close());

  test('named hosts are stood in for by HTTP and by TLS with the authority of the run', async () => {
    const plain = await machine.curl('plain', 'http://httpbin.test/get');
    expect([plain.status, plain.headers['x-served-by'], plain.json.service]).toEqual([200, 'httpbin.test', 'httpbin.test']);
    const authority = await machine.call<string>('authority');
    const secure = await machine.curl('plain', '--cacert', authority, 'https://httpbin.test/get');
    expect([secure.status, secure.json.service, secure.json.protocol]).toEqual([200, 'httpbin.test', 'HTTP/2.0']);
    expect((await machine.curl('plain', 'https://httpbin.test/get')).status).toBe(0);
  });

  test('other hosts, ports and addresses are not there', async () => {
    expect(await machine.sh('plain', 'getent hosts other.test')).toContain('failed with 2');
    expect((await machine.curl('plain', 'http://db.test/')).status).toBe(0);
    expect((await machine.curl('plain', 'http://198.18.0.1/')).status).toBe(0);
    expect((await machine.curl('plain', 'http://10.96.1.1/')).status).toBe(0);
  });

  test('they can be changed, and keep their addresses', async () => {
    const addressOf = (host: string) => machine.sh('plain', `getent hosts ${host} | cut -d' ' -f1`);
    const before = await addressOf('httpbin.test');
    await machine.call('standIns', [{ host: 'added.test' }, { host: 'httpbin.test' }]);
    expect((await machine.curl('plain-2', 'http://added.test/')).json.service).toBe('added.test');
    expect(await addressOf('httpbin.test')).toBe(before);
    expect(await machine.sh('plain', 'getent hosts db.test')).toContain('failed with 2');
  });

  test('a pod that nobody has is noticed at once, and so are datagrams to the outside', async () => {
    const began = Date.now();
    expect(await machine.sh('plain', 'curl -sS --max-time 10 http://10.244.99.99/')).toMatch(/failed with 7/);
    expect(Date.now() - began).toBeLessThan(5_000);
    const script = "const s=require('dgram').createSocket('udp4');s.on('error',e=>{console.log(e.code);process.exit()});s.connect(99,'198.18.0.1',()=>{s.send('x');setTimeout(()=>s.send('x'),100)})";
    expect(await machine.sh('plain', `timeout 5 ${process.execPath} -e "${script}"`)).toBe('ECONNREFUSED');
  });

  test('connections of a pod that goes are closed', async () => {
    await machine.call('echo', { pod: 'plain', args: ['--service', 'plain', '--http', '8080'] });
    await waitFor(() => machine.curl('plain-2', 'http://10.244.7.3:8080/'), ({ status }) => status === 200);
    const began = Date.now();
    const waiting = machine.sh('plain-2', 'curl -sS --max-time 20 http://10.244.7.3:8080/delay/60');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await machine.call('remove', 'plain');
    expect(await waiting).toMatch(/failed with (52|56)/);
    expect(Date.now() - began).toBeLessThan(10_000);
    await machine.call('add', PODS.slice(2, 3));
  });

  test('also those of a program whose memory takes the kernel longer to give back than its first thread takes to end', async () => {
    const server = "const held=Buffer.alloc(6e8,1);require('net').createServer(()=>held.length).listen(8081)";
    await machine.sh('plain', `setsid ${process.execPath} -e "${server}" </dev/null >/dev/null 2>&1 &`);
    const client = "const s=require('net').connect(8081,'10.244.7.3',()=>console.log('open'));s.on('error',e=>console.log(e.code)).on('close',()=>console.log('closed'))";
    await waitFor(() => machine.sh('plain-2', 'curl -sS --max-time 0.2 telnet://10.244.7.3:8081 </dev/null'), (text) => !/failed with 7/.test(text));
    const waiting = machine.sh('plain-2', `timeout 10 ${process.execPath} -e "${client}"`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await machine.call('remove', 'plain');
    expect(await waiting).toMatch(/^open\n(ECONNRESET\n)?closed$/);
    await machine.call('add', PODS.slice(2, 3));
  });

  test('the outside comes back when it dies', async () => {
    const script = 'for p in /proc/[0-9]*; do case $(readlink $p/exe) in */envoy) kill -9 ${p#/proc/} && echo killed;; esac; done';
    expect(await machine.sh('plain', script)).toBe('killed');
    await waitFor(() => machine.curl('plain', 'http://httpbin.test/get'), ({ status }) => status === 200);
  });
});

describe('the end of a machine', () => {
  test('closing it leaves neither processes nor files', async () => {
    const machine = await runningMachine();
    const run = machine.inside.runDirectory;
    expect(processesOf(run).length).toBeGreaterThan(3);
    await machine.close();
    expect(processesOf(run)).toEqual([]);
    expect(existsSync(run)).toBe(false);
  });

  test('killing it leaves neither processes nor files', async () => {
    const machine = await runningMachine();
    const run = machine.inside.runDirectory;
    process.kill(machine.inside.pid, 'SIGKILL');
    await machine.inside.exited;
    await waitFor(async () => processesOf(run), (left) => left.length === 0);
    expect(existsSync(run)).toBe(false);
    await machine.close();
  });
});

async function runningMachine(): Promise<TestMachine> {
  const machine = await TestMachine.launch();
  await machine.start({ offline: [] });
  await machine.call('add', [PODS[0]]);
  await machine.call('echo', { pod: 'client', args: ['--service', 'client', '--http', '80'] });
  await waitFor(() => machine.curl('client', 'http://client/'), ({ status }) => status === 200);
  return machine;
}

function namesBelow(...path: string[]): string[] {
  return readdirSync(path.join('/'));
}

async function waitFor<T>(read: () => Promise<T>, fits: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const value = await read();
    if (fits(value)) return value;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
