import type { WorkloadEntrySpec, WorkloadGroupSpec } from '../../istio';
import { checkLabels, checkPortName, checkTarget, isSocket } from './names';
import type { Tell } from './tell';

type Entry = Pick<WorkloadEntrySpec, 'address' | 'ports' | 'labels'>;

export function checkWorkloadEntry(spec: WorkloadEntrySpec, tell: Tell): void {
  checkAddress(spec, 'spec', tell);
  checkPorts(spec, 'spec', tell);
}

export function checkAddress({ address = '' }: Entry, path: string, tell: Tell): void {
  const socket = isSocket(address);
  if (socket === false) tell(`${path}.address`, `'${address}' is the path of no file: write unix:///PATH`);
  if (socket === undefined && address !== '') checkTarget(address, `${path}.address`, tell);
}

export function checkPorts({ ports, labels }: Entry, path: string, tell: Tell): void {
  for (const name of Object.keys(ports ?? {})) checkPortName(name, `${path}.ports.${name}`, tell);
  checkLabels(labels, `${path}.labels`, tell);
}

export function checkWorkloadGroup({ metadata, probe }: WorkloadGroupSpec, tell: Tell): void {
  checkLabels(metadata?.labels, 'spec.metadata.labels', tell);
  if (!probe) return;
  const { httpGet, tcpSocket, exec, grpc } = probe;
  if (!httpGet && !tcpSocket && !exec && !grpc) tell('spec.probe', 'says not how to look: write httpGet, tcpSocket or exec');
  if (grpc) tell('spec.probe.grpc', 'is looked at here, and Istio refuses it: write httpGet, tcpSocket or exec where it must do with Istio too');
  if (exec?.command?.length === 0) tell('spec.probe.exec.command', 'is empty: what is to be run?');
}
