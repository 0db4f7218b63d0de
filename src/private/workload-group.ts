import type { ApiObject, Duration } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import type { WorkloadGroupSpecProbe } from '../../imports/istio/workload-group.types';
import type { MachineProbe, Machines } from '../machines';
import { MeshError } from '../mesh-error';
import { defined } from './merge';
import { checkWhole } from './number-range';
import { MeshObject } from './plain-print';
import type { NamedPort } from './ports';

interface GroupProps {
  readonly service: string;
  readonly serviceAccount: string;
  readonly namespace: string;
  readonly version: string;
  readonly ports: readonly NamedPort[];
  readonly machines: Machines;
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const LABEL_NAME = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const LOCALITY = /^[^/]+(\/[^/]+){0,2}$/;
const PORTS = { min: 1, max: 65535 };

/** The WorkloadGroup of a version that runs on machines. */
export function createWorkloadGroup(scope: Construct, { service, serviceAccount, namespace, version, ports, machines }: GroupProps): ApiObject {
  checkPorts(machines.ports ?? {}, ports, scope);
  if (machines.weight !== undefined) {
    checkWhole(machines.weight, `machines.weight of ${version}`, scope, { min: 1 });
  }
  const { locality, network, weight, probe } = machines;
  if (locality !== undefined && !LOCALITY.test(locality)) {
    throw new MeshError({
      construct: scope, code: 'invalid-value', problem: `machines.locality of ${version} is no locality, got ${JSON.stringify(locality)}`, fix: 'write region, region/zone or region/zone/sub-zone: "eu/west"',
    });
  }
  checkLabels(machines.labels ?? {}, scope);
  const labels = { ...machines.labels, app: service, version };
  return new MeshObject(scope, `workload-group-${version}`, {
    apiVersion: 'networking.istio.io/v1',
    kind: 'WorkloadGroup',
    metadata: { name: `${service}-${version}`, namespace, labels: { app: service, version } },
    spec: defined({
      metadata: { labels },
      template: defined({ serviceAccount, ports: machines.ports, locality, network, weight }),
      probe: probe && probeSpec(probe, portsOf(machines, ports), scope),
    }),
  });
}

function checkPorts(given: Readonly<Record<string, number>>, ports: readonly NamedPort[], construct: IConstruct): void {
  for (const [name, number] of Object.entries(given)) {
    if (!ports.some((one) => one.name === name)) {
      const fix = `use ${ports.map((one) => one.name).join(', ')}`;
      throw new MeshError({ construct, code: 'invalid-value', problem: `machines.ports names ${JSON.stringify(name)}, which is no port of the service`, fix });
    }
    checkWhole(number, `machines.ports.${name}`, construct, PORTS);
  }
}

function checkLabels(labels: Readonly<Record<string, string>>, construct: IConstruct): void {
  const wrong = Object.entries(labels).find(([name, value]) => !LABEL_NAME.test(name) || !LABEL_VALUE.test(value));
  if (wrong !== undefined) {
    const fix = 'use letters, digits, ".", "-" and "_", at most 63, beginning and ending with a letter or digit; a name may have a domain and "/" in front';
    throw new MeshError({ construct, code: 'invalid-value', problem: `machines.labels has ${wrong.map((text) => JSON.stringify(text)).join(': ')}, which is no label`, fix });
  }
}

/** The first port of the service, as it is on the machines. */
function portsOf({ ports: own = {} }: Machines, [first]: readonly NamedPort[]): { readonly number: number; readonly isGrpc: boolean } {
  return { number: own[first.name] ?? first.port.targetPort, isGrpc: first.port.protocol === 'grpc' };
}

function probeSpec(probe: MachineProbe, first: ReturnType<typeof portsOf>, construct: IConstruct): object {
  const { path, command, port, delay, interval, timeout, unhealthyAfter, healthyAfter } = probe;
  if (path !== undefined && command !== undefined) {
    throw new MeshError({ construct, code: 'invalid-value', problem: 'machines.probe has both a path and a command', fix: 'give one of them' });
  }
  if (path !== undefined && !path.startsWith('/')) {
    throw new MeshError({ construct, code: 'invalid-value', problem: `machines.probe.path must begin with "/", got ${JSON.stringify(path)}`, fix: `write '/${path}'` });
  }
  if (command?.length === 0) {
    throw new MeshError({ construct, code: 'invalid-value', problem: 'machines.probe.command is empty', fix: 'name a program: [\'pg_isready\']' });
  }
  const number = port === undefined ? first.number : checkWhole(port, 'machines.probe.port', construct, PORTS);
  const method: WorkloadGroupSpecProbe = path !== undefined ? { httpGet: { path, port: number } } : command ? { exec: { command } }
    : first.isGrpc ? { grpc: { port: number } } : { tcpSocket: { port: number } };
  const seconds = (name: string, value: Duration | undefined, min: number) => value && checkWhole(value.toSeconds({ integral: false }), `machines.probe.${name} in seconds`, construct, { min });
  const count = (name: string, value: number | undefined) => (value === undefined ? undefined : checkWhole(value, `machines.probe.${name}`, construct, { min: 1 }));
  return defined({
    ...method,
    initialDelaySeconds: seconds('delay', delay, 0),
    periodSeconds: seconds('interval', interval, 1),
    timeoutSeconds: seconds('timeout', timeout, 1),
    failureThreshold: count('unhealthyAfter', unhealthyAfter),
    successThreshold: count('healthyAfter', healthyAfter),
  });
}
