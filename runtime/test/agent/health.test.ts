import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type handleUnaryCall, Server, ServerCredentials } from '@grpc/grpc-js';

import { askWorkload, readHealthProbe } from '../../src/agent/health-probe';
import { HealthWatch } from '../../src/agent/health-watch';
import type { Health } from '../../src/model/machine';

const HERE = '127.0.0.1';

describe('a probe', () => {
  let answer = 200;
  const asked: (string | undefined)[] = [];
  const web = createServer(({ url, headers }, response) => {
    asked.push(`${url} ${headers['user-agent']} ${headers['x-probe']}`);
    response.writeHead(answer).end();
  });
  let port = 0;

  beforeAll(async () => {
    await new Promise<void>((resolve) => void web.listen(0, HERE, resolve));
    ({ port } = web.address() as AddressInfo);
  });
  afterAll(() => web.close());

  const failed = (status: number) => `GET /ready at port PORT did not succeed (${status})`;
  test.each([[200, undefined], [302, undefined], [404, failed(404)], [503, failed(503)]])('of HTTP that is answered with %i', async (status, reason) => {
    answer = status;
    expect(await askWorkload({ httpGet: { path: '/ready', port, httpHeaders: [{ name: 'x-probe', value: 'yes' }] } }, HERE)).toBe(reason?.replace('PORT', String(port)));
    expect(asked.at(-1)).toBe('/ready istio-probe/1.0 yes');
  });

  test('of a port', async () => {
    expect(await askWorkload({ tcpSocket: { port } }, HERE)).toBeUndefined();
    expect(await askWorkload({ tcpSocket: { port: 1 } }, HERE)).toBe('port 1 does not answer as it should');
  });

  test('of a program', async () => {
    expect(await askWorkload({ exec: { command: ['true'] } }, HERE)).toBeUndefined();
    expect(await askWorkload({ exec: { command: ['sh', '-c', 'exit 3'] } }, HERE)).toBe('sh failed: exit code 3');
    expect(await askWorkload({ exec: { command: ['sleep', '5'] }, timeoutSeconds: 1 }, HERE)).toBe('sleep took longer than 1 s');
    expect(await askWorkload({ exec: { command: ['./is-not-there'] } }, HERE)).toBe('./is-not-there failed: ENOENT');
  });

  test('of gRPC', async () => {
    const server = new Server();
    // Field 1: the status, SERVING where the service is the one that is up.
    const check: handleUnaryCall<Buffer, Buffer> = ({ request }, done) => done(null, Buffer.from([0x08, request.includes('up') ? 1 : 2]));
    const plain = (bytes: Buffer) => bytes;
    server.addService({ check: {
      path: '/grpc.health.v1.Health/Check', requestStream: false, responseStream: false,
      requestSerialize: plain, requestDeserialize: plain, responseSerialize: plain, responseDeserialize: plain,
    } }, { check });
    const own = await new Promise<number>((resolve, reject) => server.bindAsync(`${HERE}:0`, ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))));
    expect(await askWorkload({ grpc: { port: own, service: 'up' } }, HERE)).toBeUndefined();
    expect(await askWorkload({ grpc: { port: own, service: 'down' } }, HERE)).toBe(`port ${own} does not answer as it should`);
    server.forceShutdown();
  });

  test('asks for nothing where the configuration does not say what', () => {
    expect([readHealthProbe({}), readHealthProbe({ readinessProbe: null }), readHealthProbe({ readinessProbe: { periodSeconds: 2 } })]).toEqual([undefined, undefined, undefined]);
  });
});

test('health is told when a threshold is reached, and again after each probe', async () => {
  const told: Health[] = [];
  const answers = [undefined, 'away', undefined, undefined, 'away', 'away', 'away'];
  jest.useFakeTimers();
  const probe = { initialDelaySeconds: 3, periodSeconds: 2, successThreshold: 2, failureThreshold: 2 };
  const watch = new HealthWatch(probe, () => Promise.resolve(answers.shift()), (health) => told.push(health));
  watch.start();
  await jest.advanceTimersByTimeAsync(2_900);
  expect(answers).toHaveLength(7);
  await jest.advanceTimersByTimeAsync(100 + 6 * 2_000);
  watch.stop();
  jest.useRealTimers();
  const [well, ill] = [{ healthy: true, message: '' }, { healthy: false, message: 'away' }];
  expect(told).toEqual([well, well, ill, ill]);
});
