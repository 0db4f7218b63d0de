import { Duration } from 'cdk8s';
import { MeshService, Port, type Machines } from '../src';
import { createWorld } from './world';

function groupWith(machines: Machines, port: Port | number = 8080) {
  const world = createWorld();
  new MeshService(world.mesh, 'ledger', { port, versions: { v1: { machines } } });
  return { world, group: () => world.one('WorkloadGroup', 'ledger-v1') };
}

describe('a version on machines', () => {
  test('is a WorkloadGroup with the labels and the account of the service, and no Deployment', () => {
    const { world, group } = groupWith({});
    expect(group().spec).toEqual({ metadata: { labels: { app: 'ledger', version: 'v1' } }, template: { serviceAccount: 'ledger' } });
    expect(world.all('Deployment').filter(({ metadata }) => metadata.namespace === 'shop')).toEqual([]);
    expect(world.one('Service', 'ledger').spec.selector).toEqual({ app: 'ledger' });
  });

  test('says where they are, and how it is seen that they are well', () => {
    const { group } = groupWith({
      ports: { http: 8081 }, locality: 'eu/west', network: 'vms', weight: 2, labels: { tier: 'back' },
      probe: { path: '/healthz', delay: Duration.seconds(5), interval: Duration.seconds(2), timeout: Duration.seconds(3), unhealthyAfter: 4, healthyAfter: 2 },
    });
    expect(group().spec).toEqual({
      metadata: { labels: { tier: 'back', app: 'ledger', version: 'v1' } },
      template: { serviceAccount: 'ledger', ports: { http: 8081 }, locality: 'eu/west', network: 'vms', weight: 2 },
      probe: { httpGet: { path: '/healthz', port: 8081 }, initialDelaySeconds: 5, periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 4, successThreshold: 2 },
    });
  });

  test.each<[string, Machines, Port | number, object]>([
    ['a connection', { probe: {} }, Port.tcp(5432), { tcpSocket: { port: 5432 } }],
    ['gRPC', { probe: {} }, Port.grpc(9090), { grpc: { port: 9090 } }],
    ['a program', { probe: { command: ['pg_isready', '-q'] } }, 8080, { exec: { command: ['pg_isready', '-q'] } }],
    ['another port', { probe: { path: '/', port: 9000 } }, 8080, { httpGet: { path: '/', port: 9000 } }],
  ])('can be asked by %s', (_, machines, port, probe) => {
    expect(groupWith(machines, port).group().spec.probe).toEqual(probe);
  });

  test.each<[string, Machines, string]>([
    ['an impossible locality', { locality: '/eu//' }, 'machines.locality of v1 is no locality, got "/eu//"'],
    ['a label that is none', { labels: { 'a b': 'c' } }, 'machines.labels has "a b": "c", which is no label'],
    ['a value that no label has', { labels: { tier: 'c d' } }, 'machines.labels has "tier": "c d", which is no label'],
    ['an unknown port', { ports: { web: 80 } }, 'machines.ports names "web", which is no port of the service'],
    ['a weight of nothing', { weight: 0 }, 'machines.weight of v1 must be a whole number of at least 1'],
    ['two probes', { probe: { path: '/', command: ['true'] } }, 'machines.probe has both a path and a command'],
    ['a path without a slash', { probe: { path: 'healthz' } }, 'machines.probe.path must begin with "/"'],
    ['an empty command', { probe: { command: [] } }, 'machines.probe.command is empty'],
    ['parts of seconds', { probe: { interval: Duration.millis(500) } }, 'machines.probe.interval in seconds must be a whole number of at least 1, got 0.5'],
  ])('fails with %s', (_, machines, problem) => {
    expect(() => groupWith(machines)).toThrow(problem);
  });

  test('has a proxy: without one nobody would join', () => {
    const { mesh } = createWorld();
    expect(() => new MeshService(mesh, 'ledger', { port: 80, proxy: false, versions: { v1: { machines: {} } } })).toThrow('version v1 is on machines, which join the mesh by their proxy, but `proxy` is false');
  });
});
