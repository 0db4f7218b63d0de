import { createServer } from 'node:net';
import { LoopbackMesh } from './loopback-mesh';
import { formatCheck, parseChecks, runChecks, toReport, type CheckResult } from '../../src/engine/check';

let mesh: LoopbackMesh;

beforeEach(async () => {
  mesh = new LoopbackMesh();
  let flaky = 0;
  for (const version of ['v1', 'v2']) {
    await mesh.add('web', version, ({ url, headers }, response) => {
      if (url === '/slow') setTimeout(() => response.end('late'), 150);
      else if (url === '/flaky') response.writeHead(flaky++ % 10 === 9 ? 503 : 200, { 'x-kind': 'flaky' }).end(flaky % 10 ? 'fine' : 'reset reason: overflow');
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ url, user: headers['x-user'] ?? null, items: [{ n: 1 }] }));
    });
  }
});

afterEach(() => mesh.close());

async function run(yaml: string): Promise<CheckResult> {
  const [result] = await runChecks(parseChecks(`checks:\n  - name: it\n${yaml}`, 'checks.yaml').checks, mesh);
  return result;
}

const observed = (result: CheckResult): Record<string, string> =>
  Object.fromEntries(result.steps.flatMap(({ findings }) => findings.map((finding) => [finding.what, `${finding.ok ? 'ok' : 'no'}: ${finding.observed}`])));

describe('answers', () => {
  test('status, answerers, pods, headers and bodies of every answer', async () => {
    const result = await run(`
    from: web/v1
    get: http://web/a?b=c
    headers: { x-user: jason }
    times: 10
    expect:
      status: 200
      by: { web/v1: 5, web/v2: 4..6 }
      pods: 2
      headers: { Content-Type: application/json, x-served-by: { matches: "^web-v[12]-" }, x-nothing: false }
      body: { contains: jason, not: alice, matches: "^\\\\{", json: { url: /a?b=c, "items[0].n": 1, "items[]": 1 } }
      containing: { jason: 10, alice: 0 }
      took: under 10s
`);
    expect(result.steps[0].step).toBe('10 × GET http://web/a?b=c from web/v1');
    expect(result.steps[0].findings.filter(({ ok }) => !ok)).toEqual([]);
    expect(result.state).toBe('passed');
    expect(observed(result)).toMatchObject({ 'status': 'ok: 200: 10', 'answered by': 'ok: web/v1: 5, web/v2: 5', 'containing': 'ok: jason: 10, alice: 0' });
  });

  test('an answer of a proxy says why it gave it', async () => {
    await mesh.add('down', 'v1', (_, response) => response.removeHeader('x-served-by') ?? response.writeHead(503).end('no healthy  upstream\n'));
    expect(observed(await run('    from: web\n    get: http://down/\n    expect: { status: 200 }'))).toEqual({ status: 'no: 503: 1 (no healthy upstream)' });
    expect(observed(await run('    from: web\n    get: http://down/\n    expect: { status: 503 }'))).toEqual({ status: 'ok: 503: 1' });
  });

  test('what is not as expected fails and says what was there', async () => {
    const result = await run(`
    from: web
    get: http://web/
    expect: { status: 404, by: web/v2, body: { json: { user: jason } }, headers: { content-type: text/html }, took: over 10s }
`);
    expect(result.state).toBe('failed');
    expect(observed(result)).toMatchObject({
      'status': 'no: 200: 1', 'answered by': 'no: web/v1: 1', 'body': 'no: user: null', 'content-type': 'no: application/json', 'took': expect.stringMatching(/^no: /),
    });
  });

  test('a distribution is complete: what it does not name must not occur', async () => {
    const result = await run('    from: web\n    get: http://web/\n    times: 10\n    expect: { by: { web/v1: 5 } }');
    expect(observed(result)['answered by']).toBe('no: web/v1: 5, web/v2: 5');
  });

  test('a header in as many answers as have a status', async () => {
    const result = await run(`
    from: web
    get: http://web/flaky
    times: 100
    parallel: 4
    expect:
      status: { 200: 90, 503: 10 % }
      headers: { x-kind: { equals: flaky, answers: 100 } }
      containing: { overflow: count of 503 }
`);
    expect(result.steps[0].findings.filter(({ ok }) => !ok)).toEqual([]);
  });

  test('a call that gets no answer is an error unless one is expected', async () => {
    expect(observed(await run('    from: web\n    get: http://nobody/\n'))).toEqual({ answered: 'no: error: 1 (ECONNREFUSED: 1)' });
    expect((await run('    from: web\n    get: http://nobody/\n    expect: { error: ECONNREFUSED }')).state).toBe('passed');
    expect((await run('    from: web\n    get: http://web/\n    expect: { error: true }')).state).toBe('failed');
  });

  test('what is sent over TCP comes back', async () => {
    const echo = createServer((socket) => socket.on('data', (data) => socket.end(`one ${data}`)));
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    try {
      const result = await run('    from: web\n    tcp: web:80\n    send: "GET / HTTP/1.0\\r\\n\\r\\n"\n    expect: { body: HTTP/1.1 200 OK }');
      expect(result.state).toBe('passed');
    } finally {
      echo.close();
    }
  });
});

describe('the mesh', () => {
  test('counters and log lines since the call began', async () => {
    await run('    from: web\n    get: http://web/before\n');
    const result = await run(`
    from: web
    get: http://web/now
    times: 3
    expect:
      log: [{ of: web/v1, contains: GET /now, lines: 3 }, { of: web/v1, contains: before, lines: 0 }]
      stats: { of: web/v1, increase: { req*: 3 }, value: { requests: 4 } }
`);
    expect(result.steps[0].findings.filter(({ ok }) => !ok)).toEqual([]);
  });

  test('a statistic that nobody has is no zero', async () => {
    const result = await run('    from: web\n    get: http://web/\n    expect: { stats: { of: web/v1, increase: { requets: 0 } } }');
    expect(observed(result)['stats of web/v1']).toBe('no: there is no requets');
  }, 30_000);

  test('problems', async () => {
    mesh.problemList = [{ resource: { kind: 'VirtualService', namespace: 'default', name: 'web' }, path: 'spec.http[0]', message: 'no subset v9' }];
    expect((await run('    from: web\n    get: http://web/\n    expect: { problems: [no subset v9] }')).state).toBe('passed');
  });

  test('steps change it, each is waited for, and afterwards it is as it was', async () => {
    const result = await run(`
    steps:
      - apply: { kind: VirtualService, metadata: { name: web } }
      - scale: { web-v1: 3 }
      - remove: VirtualService/web
      - kill: web/v2
      - from: web
        get: http://web/
        times: 4
        expect: { by: web/v1 }
      - restart: istiod
`);
    expect(result.state).toBe('passed');
    expect(mesh.journal).toEqual([
      'apply web', 'settled', 'scale default/web-v1 3', 'settled', 'remove VirtualService/web.default', 'settled', 'kill default/web-v2-1', 'settled',
      'restart istiod', 'settled', 'reset', 'settled',
    ]);
  });

  test('after a step that fails the others are not made, and the next check begins afresh', async () => {
    const results = await runChecks(parseChecks(`
checks:
  - name: first
    steps:
      - kill: web/v2
      - { from: web, get: http://web/, expect: { status: 404 } }
      - kill: web/v1
  - name: second
    from: web
    get: http://web/
    times: 2
    expect: { pods: 2 }
`, 'checks.yaml').checks, mesh);
    expect(results.map(({ state }) => state)).toEqual(['failed', 'passed']);
    expect(results[0].steps).toHaveLength(2);
    expect(mesh.journal.filter((line) => line.startsWith('kill'))).toEqual(['kill default/web-v2-1']);
  });

  test('calls go on while steps are made', async () => {
    const result = await run(`
    from: web
    get: http://web/
    times: 200
    during:
      - wait: 100ms
      - kill: web/v2
      - wait: 100ms
    expect: { status: 200, by: { web/v1: at least 1, web/v2: at least 1 } }
`);
    expect(result.steps[0].findings.filter(({ ok }) => !ok)).toEqual([]);
  });

  test('what a step has made is called before the next is made', async () => {
    const result = await run(`
    from: web
    get: http://web/
    times: 1
    during:
      - kill: web/v1
      - restart: web/v1
      - kill: web/v2
      - restart: web/v2
    expect: { status: 200, by: { web/v1: at least 30, web/v2: at least 30 } }
`);
    expect(result.steps[0].findings.filter(({ ok }) => !ok)).toEqual([]);
  });

  test('a step that is not possible fails the check with the reason', async () => {
    const nowhere = await run('    from: shop\n    get: http://web/\n');
    expect(observed(nowhere)).toEqual({ call: 'no: there is no workload shop; there are web/v1, web/v2' });
    await mesh.kill('default/web-v1-0');
    expect(observed(await run('    from: web/v1\n    get: http://web/\n'))).toEqual({ call: 'no: no pod of web/v1 is ready (web-v1-0)' });
  });

  test('within a time everything must come right', async () => {
    await mesh.kill('default/web-v2-1');
    setTimeout(() => void mesh.restart('default/web-v2-1'), 300);
    const result = await run('    from: web\n    get: http://web/\n    times: 2\n    within: 10s\n    expect: { pods: 2 }');
    expect(result.state).toBe('passed');
  });
});

describe('skip', () => {
  test('a known bug does not fail', async () => {
    expect(await run('    skip: later\n    from: web\n    get: http://web/\n    expect: { status: 404 }')).toMatchObject({ state: 'skipped', reason: 'later' });
  });

  test('and shouts when it is gone', async () => {
    expect(await run('    skip: later\n    from: web\n    get: http://web/\n    expect: { status: 200 }')).toMatchObject({
      state: 'failed', reason: 'it passes now, although it says skip: later',
    });
  });
});

test('the report says what was expected and what was observed', async () => {
  const good = await run('    from: web\n    get: http://web/\n    expect: { status: 200, by: web }');
  const bad = await run('    proves: [F1]\n    from: web\n    get: http://web/\n    expect: { status: 404, by: web }');
  const report = toReport([good, bad]);
  expect(report).toMatchObject({ passed: 1, failed: 1, skipped: 0 });
  expect(report.checks).toMatchObject([
    { name: 'it', state: 'passed', expected: 'status 200; answered by web', observed: 'status 200: 1; answered by web: 1' },
    { name: 'it', state: 'failed', proves: ['F1'], expected: 'status 404', observed: 'status 200: 1' },
  ]);
  const plain = formatCheck(bad).replace(/\x1b\[\d+m/g, '');
  expect(plain).toMatch(/✖ it {2}F1 {2}\d+ ms\n {4}GET http:\/\/web\/ from web\n {6}✖ status {7}expected 404\n {21}observed 200: 1\n {6}✔ answered by {2}expected web\n/);
});
