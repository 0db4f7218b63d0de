import { ControlPlane } from '../../src/control/control-plane';
import { ControlMetrics } from '../../src/control/metrics';
import { parseNode } from '../../src/compile';
import type { Snapshot } from '../../src/model/snapshot';

const node = (name: string) => ({ id: name, node: { id: `sidecar~10.244.9.9~${name}.default~default.svc.cluster.local`, cluster: name, metadata: {} } });

test('a proxy that comes in the very moment in which another one has been welcomed is welcomed too', async () => {
  const given: string[] = [];
  const plane: ControlPlane = new ControlPlane({
    accept: (snapshot) => ({ snapshot, problems: [] }),
    compiler: {
      prepare: () => [],
      compile: () => {
        // What streams read is handed on between the end of this turn and what waits for promises.
        if (given.length === 0) process.nextTick(() => plane.connected(node('second')));
        return { configuration: new Map(), problems: [] };
      },
    },
    parseNode,
    server: { setConfiguration: (id) => void given.push(id), lacks: () => undefined, taken: () => 0, status: () => [] },
    metrics: new ControlMetrics(),
  });
  plane.update({ revision: 1, kinds: new Map() } as Snapshot);
  await new Promise((wake) => setImmediate(wake));
  setImmediate(() => plane.connected(node('first')));
  await new Promise((wake) => setTimeout(wake, 50));

  expect(given).toEqual(['first', 'second']);
});
