import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseChecks, CheckFileError, type CheckFile } from '../../src/engine/check';

function faults(text: string): string[] {
  try {
    parseChecks(text, 'checks.yaml');
  } catch (error) {
    if (error instanceof CheckFileError) return error.faults.map(({ message }) => message);
    throw error;
  }
  return [];
}

const parse = (text: string): CheckFile => parseChecks(text, 'checks.yaml');

describe('a checks file', () => {
  test('one call is the whole check', () => {
    const { checks, outside } = parse(`
namespace: shop
outside: [example.org]
checks:
  - name: the page answers
    proves: [F1]
    from: web/v1
    get: http://shop/
    headers: { X-User: 7 }
    cookie: a=b
    times: 3
    timeout: 2s
    expect: { status: 200 }
`);
    expect(outside).toEqual(['example.org']);
    expect(checks).toMatchObject([{
      name: 'the page answers',
      proves: ['F1'],
      steps: [{
        kind: 'call',
        from: { app: 'web', version: 'v1', namespace: 'shop' },
        times: 3,
        parallel: 1,
        call: { kind: 'http', method: 'GET', url: 'http://shop/', headers: { 'x-user': '7', 'cookie': 'a=b' }, version: '1.1', timeoutMs: 2000 },
        expect: [{ what: 'status', expected: '200' }],
      }],
    }]);
  });

  test('without `from` a call comes from outside, and without a status every call must be answered', () => {
    const [step] = parse('checks: [{ name: a, get: http://shop/ }]').checks[0].steps;
    expect(step).toMatchObject({ from: 'outside', expect: [{ what: 'answered', expected: 'every call' }] });
  });

  test('steps are read in order', () => {
    const [{ steps }] = parse(`
checks:
  - name: a
    steps:
      - apply: { kind: VirtualService, metadata: { name: x } }
      - remove: VirtualService/x.other
      - scale: { web-v1: 5, web-v2.other: 0 }
      - kill: istiod
      - restart: web/v1
      - wait: 250ms
      - tcp: echo:9000
        send: hello
`).checks;
    expect(steps).toMatchObject([
      { kind: 'apply', manifest: 'kind: VirtualService\nmetadata:\n  name: x\n', text: 'VirtualService/x' },
      { kind: 'remove', object: { kind: 'VirtualService', name: 'x', namespace: 'other' } },
      { kind: 'scale', deployments: [{ name: 'web-v1', replicas: 5 }, { name: 'web-v2', namespace: 'other', replicas: 0 }] },
      { kind: 'kill', target: 'istiod' },
      { kind: 'restart', target: { app: 'web', version: 'v1' } },
      { kind: 'wait', ms: 250 },
      { kind: 'call', call: { kind: 'tcp', host: 'echo', port: 9000, send: ['hello'] } },
    ]);
  });

  test('a manifest is read from a file beside the checks', () => {
    const folder = mkdtempSync(join(tmpdir(), 'checks-'));
    try {
      writeFileSync(join(folder, 'more.yaml'), 'kind: Service\n');
      const { checks } = parseChecks('checks: [{ name: a, steps: [{ apply: more.yaml }] }]', join(folder, 'checks.yaml'));
      expect(checks[0].steps).toEqual([{ kind: 'apply', manifest: 'kind: Service\n', text: 'more.yaml' }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what is not understood is named, with where and what is expected', () => {
  test.each([
    ['an unknown key', 'checks: [{ name: a, get: http://x/, expect: { statuss: 200 } }]',
      'checks[0].expect (a): unknown key "statuss", did you mean "status"?'],
    ['an unknown key far from any', 'checks: [{ name: a, get: http://x/, expect: { log: { of: a, zzzzzzzz: 1 } } }]',
      'checks[0].expect.log (a): unknown key "zzzzzzzz"; known are of, container, contains, matches, lines'],
    ['an unknown key of a body', 'checks: [{ name: a, get: http://x/, expect: { body: { contain: x } } }]',
      'checks[0].expect.body (a): unknown key "contain", did you mean "contains"?'],
    ['a key at the top', 'checks: [{ name: a, get: http://x/ }]\nnamespaces: x', 'the file: unknown key "namespaces", did you mean "namespace"?'],
    ['a missing name', 'checks: [{ get: http://x/ }]', 'checks[0]: "name" is missing'],
    ['a status that is none', 'checks: [{ name: a, get: http://x/, expect: { status: 20 } }]',
      'checks[0].expect.status (a): got 20, expected one status, or how many answers of each: {200: 980..1000, 503: 0..20, error: 0}'],
    ['a URL that is none', 'checks: [{ name: a, get: /path }]', 'checks[0].get (a): got "/path", expected a URL such as http://reviews:9080/reviews/0'],
    ['a count that is none', 'checks: [{ name: a, get: http://x/, expect: { by: { x: some } } }]',
      'checks[0] (a) expect.by.x: got "some", expected a number such as 5, 5..10, 100 ± 50, at least 1, 10 % ± 5 % or count of 503'],
    ['an exact time', 'checks: [{ name: a, get: http://x/, expect: { took: 6s } }]',
      'checks[0] (a) expect.took: got "6s", expected a range of times such as under 1s, 6s..7s or 6s ± 500ms'],
    ['a workload that is none', 'checks: [{ name: a, get: http://x/, from: Web_1 }]',
      'checks[0] (a) from: got "Web_1", expected a workload: SERVICE, SERVICE/VERSION or SERVICE.NAMESPACE/VERSION'],
    ['two verbs', 'checks: [{ name: a, get: http://x/, post: http://x/ }]', 'checks[0] (a): a step does one thing, this one does get and post'],
    ['no verb', 'checks: [{ name: a, expect: { status: 200 } }]', /^checks\[0\] \(a\): nothing is done; expected one of get,/],
    ['a call word on an action', 'checks: [{ name: a, steps: [{ wait: 1s, times: 3 }] }]', 'checks[0] (a) steps[0]: "times" belongs to calls, not to wait'],
    ['a call beside steps', 'checks: [{ name: a, get: http://x/, steps: [{ wait: 1s }] }]', 'checks[0] (a): "get" stands beside "steps": write it inside a step'],
    ['a call during calls', 'checks: [{ name: a, get: http://x/, during: [{ get: http://y/ }] }]',
      'checks[0] (a) during[0]: a call is not possible here, only steps that change the mesh'],
    ['a missing file', 'checks: [{ name: a, steps: [{ apply: nowhere.yaml }] }]', 'checks[0] (a) steps[0]: there is no file "nowhere.yaml" beside the checks'],
    ['send with HTTP', 'checks: [{ name: a, get: http://x/, send: y }]', 'checks[0] (a): "send" does not belong to HTTP calls; they have "headers", "cookie", "body", "http", "tls"'],
    ['a header with TCP', 'checks: [{ name: a, tcp: "x:1", headers: { a: b } }]',
      'checks[0] (a): "headers" does not belong to TCP calls; they have "send", "greeting", "pause", "tls"'],
    ['a gRPC URL without a method', 'checks: [{ name: a, grpc: http://x/y }]',
      'checks[0] (a): got "http://x/y", expected the URL of a gRPC method such as http://echo:7070/echo.Echo/Say'],
    ['a gRPC status that is none', 'checks: [{ name: a, grpc: http://x/y.Z/W, expect: { grpc: FINE } }]', /^checks\[0\] \(a\) expect\.grpc: got "FINE", expected one of OK, /],
    ['a gRPC status of HTTP', 'checks: [{ name: a, get: http://x/, expect: { grpc: OK } }]', 'checks[0] (a) expect.grpc: only gRPC calls have a gRPC status'],
    ['a regular expression that is none', 'checks: [{ name: a, get: http://x/, expect: { body: { matches: "(" } } }]', /"\(" is no regular expression/],
    ['two checks of one name', 'checks: [{ name: a, get: http://x/ }, { name: a, get: http://x/ }]', 'checks: two checks are called "a"'],
    ['no YAML', 'checks: [', /^the file: /],
  ])('%s', (_what, text, message) => {
    const found = faults(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });

  test('all faults come together', () => {
    expect(faults('checks: [{ name: a, get: http://x/, from: X_ }, { name: b, steps: [{}] }]')).toHaveLength(2);
  });

  test('__proto__ is a key like any other', () => {
    expect(faults('checks: [{ name: a, get: http://x/, expect: { __proto__: { status: 200 } } }]')).toEqual([
      expect.stringContaining('unknown key "__proto__"'),
    ]);
  });
});
