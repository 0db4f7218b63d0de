import { performance } from 'node:perf_hooks';
import { Compiler } from '../../src/compile';
import type { Resource } from '../../src/model/resource';
import { EMPTY, edit, object, proxy, rules, service, versions } from './fixtures';

const EDGE = proxy('edge', { istio: 'edge' }, 'router');
const names = Array.from({ length: 40 }, (_, i) => `service-${i}`);

/** A gateway with many routes on one host, which many VirtualServices add to, and many services on one port. */
const world = edit(EMPTY, {
  put: [
    object('Gateway', 'edge', { selector: { istio: 'edge' }, servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }] }),
    ...names.flatMap((name, i): Resource[] => [
      service(name, `10.96.0.${i + 1}`),
      rules(name, [{ timeout: '3s', route: [{ destination: { host: name } }] }]),
      object('VirtualService', `paths-${i}`, {
        hosts: ['www.example.com'], gateways: ['edge'],
        http: names.map((to) => ({ match: [{ uri: { prefix: `/${name}/${to}` } }], route: [{ destination: { host: to } }] })),
      }),
    ]),
  ],
});

test.each([['a gateway', EDGE], ['a sidecar', proxy('client')]])('what is prepared for %s piece by piece is what is made at once', (_, client) => {
  const compiler = new Compiler();
  const pieces = [...compiler.prepare(world, client)].length;
  const prepared = compiler.compile(world, client).configuration;
  expect(pieces).toBeGreaterThan(names.length);
  expect(versions(prepared)).toEqual(versions(new Compiler().compile(world, client).configuration));
});

test('whoever stops half-way, or prepares for another world, gets what is right', () => {
  const compiler = new Compiler();
  const other = edit(world, { put: [rules('service-3', [{ timeout: '9s', route: [{ destination: { host: 'service-4' } }] }])] });
  let steps = 0;
  for (const _ of compiler.prepare(world, EDGE)) {
    steps += 1;
    if (steps === 50) {
      break;
    }
  }
  expect(versions(compiler.compile(other, EDGE).configuration)).toEqual(versions(new Compiler().compile(other, EDGE).configuration));
});

test('when all is prepared, little is left to do at once', () => {
  const compiler = new Compiler();
  const timed = (action: () => unknown): number => {
    const start = performance.now();
    action();
    return performance.now() - start;
  };
  const before = timed(() => [...compiler.prepare(world, EDGE)]);
  // Generous: it is a fifth of it where nothing else runs.
  expect(timed(() => compiler.compile(world, EDGE))).toBeLessThan(before);
});

test('of an edit of a rule there is nothing to prepare', () => {
  const compiler = new Compiler();
  compiler.compile(world, EDGE);
  const edited = edit(world, { put: [rules('service-3', [{ timeout: '9s', route: [{ destination: { host: 'service-4' } }] }])] });
  // The rule that is read.
  expect([...compiler.prepare(edited, EDGE)].length).toBeLessThanOrEqual(1);
});
