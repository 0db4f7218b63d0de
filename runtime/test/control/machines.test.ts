import { parseNode } from '../../src/compile';
import { Machines } from '../../src/control/machines';
import type { Snapshot } from '../../src/model/snapshot';
import { resourcesOf } from '../../src/model/snapshot';
import { snapshotOf } from '../cases/case';

const GROUP = `
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: { name: database }
spec: { template: { serviceAccount: database, labels: { app: database } } }
`;
const NODE = {
  id: 'sidecar~192.0.2.7~vm.default~default.svc.cluster.local', cluster: '',
  metadata: { NAMESPACE: 'default', SERVICE_ACCOUNT: 'database', AUTO_REGISTER_GROUP: 'database', PROXY_CONFIG: { readinessProbe: { tcpSocket: { port: 80 } } } },
};
const here = { id: 'a', node: NODE, trusted: true };
const world = snapshotOf(GROUP);

let machines: Machines;
let changes: number;
beforeEach(() => {
  jest.useFakeTimers();
  changes = 0;
  machines = new Machines({ parseNode, grace: 10_000, onChange: () => { changes += 1; } });
});
afterEach(() => {
  machines.close();
  jest.useRealTimers();
});

function entries(snapshot: Snapshot): string[] {
  return [...resourcesOf(snapshot, 'networking.istio.io/WorkloadEntry').keys()];
}

test('a machine is there while it is connected, and stays for a while when it leaves', () => {
  expect(machines.join(world)).toBe(world);
  machines.connected(here);
  expect(entries(machines.join(world))).toEqual(['default/database-192.0.2.7']);
  machines.disconnected(here);
  jest.advanceTimersByTime(9_000);
  machines.connected({ ...here, id: 'b' });
  jest.advanceTimersByTime(60_000);
  expect(entries(machines.join(world))).toEqual(['default/database-192.0.2.7']);
  machines.disconnected({ id: 'b' });
  jest.advanceTimersByTime(10_000);
  expect(machines.join(world)).toBe(world);
});

test('an old connection that ends after the new one has begun takes nothing away', () => {
  machines.connected(here);
  machines.connected({ ...here, id: 'b' });
  machines.disconnected(here);
  jest.advanceTimersByTime(60_000);
  expect(entries(machines.join(world))).toEqual(['default/database-192.0.2.7']);
});

test('the group may come later', () => {
  machines.connected(here);
  expect(entries(machines.join(snapshotOf('')))).toEqual([]);
  expect(machines.problems()).toHaveLength(1);
  expect(entries(machines.join(world))).toEqual(['default/database-192.0.2.7']);
  expect(machines.problems()).toEqual([]);
});

test('what has not changed is the same object, and what was told already changes nothing', () => {
  machines.connected(here);
  const entry = () => resourcesOf(machines.join(world), 'networking.istio.io/WorkloadEntry');
  const before = entry();
  expect(entry()).toBe(before);
  machines.reported(here, { healthy: true, message: '' });
  const well = entry().get('default/database-192.0.2.7');
  expect(well?.status).toEqual({ conditions: [{ type: 'Healthy', status: 'True' }] });
  machines.reported(here, { healthy: true, message: '' });
  expect([entry().get('default/database-192.0.2.7') === well, changes]).toEqual([true, 2]);
});

test('what somebody says without a certificate counts for nothing', () => {
  machines.connected(here);
  machines.reported({ ...here, trusted: false }, { healthy: false, message: 'a lie' });
  machines.connected({ ...here, id: 'stranger', trusted: false });
  const [entry] = resourcesOf(machines.join(world), 'networking.istio.io/WorkloadEntry').values();
  expect(entry?.status).toBeUndefined();
});
