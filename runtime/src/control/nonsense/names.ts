import { isIP } from 'node:net';
import { MESH_GATEWAY } from '../../model/route';
import { each, type Tell } from './tell';

/** pkg/config/labels/instance.go of istio/istio: capitals count as letters there. */
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/i;
const WILDCARD_LABEL = /^(\*|(\*-?)?[a-z0-9]([-a-z0-9]*[a-z0-9])?)$/i;
const LABEL_KEY = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?([a-z0-9][-\w.]*)?[a-z0-9]$/i;
const LABEL_VALUE = /^(([a-z0-9][-\w.]*)?[a-z0-9])?$/i;
const LONGEST_LABEL = 63;
const LONGEST_NAME = 255;
/** How gateways between networks call hosts; ValidateWildcardDomainForVirtualServiceBoundToGateway. */
const SNI_OF_NETWORKS = /^outbound_\.\d+_\.[^_]*_\.[^_]*[a-z]/i;

export function isLabel(name: string): boolean {
  return name.length <= LONGEST_LABEL && LABEL.test(name);
}

/** ValidateWildcardDomain and ValidateFQDN of istio/istio pkg/config/validation/agent. */
export function isDomain(name: string, { wildcard }: { readonly wildcard: boolean }): boolean {
  const [first = '', ...rest] = name.split('.');
  const begins = wildcard ? first.length <= LONGEST_LABEL && WILDCARD_LABEL.test(first) : isLabel(first);
  return name.length <= LONGEST_NAME && begins && areLabels(wildcard ? rest : [first, ...rest]);
}

/** The last may be empty: a name may end with a dot. No name of DNS ends with a number. */
function areLabels(labels: readonly string[]): boolean {
  return !/^\d+$/.test(labels.at(-1) ?? '') && labels.every((label, i) => isLabel(label) || (label === '' && i === labels.length - 1));
}

/** The host of a rule for services, or for what a gateway serves. */
export function checkHost(host: string, path: string, tell: Tell): void {
  if (!isDomain(host, { wildcard: true }) && isIP(host) === 0 && !SNI_OF_NETWORKS.test(host)) {
    tell(path, `'${host}' is no name of DNS: write letters, digits and '-' between dots, at most ${LONGEST_LABEL} of them, and no number as the last; Istio refuses it`);
  }
}

/** A host, or an address, that is looked up or connected to: it stands for itself alone. */
export function checkTarget(host: string, path: string, tell: Tell): void {
  if (!isDomain(host, { wildcard: false }) && isIP(host) === 0) {
    tell(path, `'${host}' is neither the name of one host nor an IP address`);
  }
}

/** @param forNobody what `~` may be written for */
export function checkExportTo(exportTo: readonly string[] | undefined, { namespace, forNobody }: { readonly namespace: string; readonly forNobody: boolean }, tell: Tell): void {
  const names = (exportTo ?? []).map((one) => (one === '.' ? namespace : one));
  each(names, 'spec.exportTo', (name, path, i) => {
    if (names.indexOf(name) < i) tell(path, `'${exportTo?.[i]}' is in the list before${name === namespace ? `, which '.' and '${namespace}' both stand for` : ''}: leave it out`);
    else if (name === '~' && !forNobody) tell(path, '\'~\' is nobody, for whom there need be no rule: write \'.\' for the own namespace');
    else if (name !== '*' && name !== '~' && !isLabel(name)) tell(path, `'${name}' is no namespace: write one, '.' for the own or '*' for all`);
  });
  const alone = names.length > 1 ? ['*', '~'].find((one) => names.includes(one)) : undefined;
  if (alone === '*') tell('spec.exportTo', 'has * beside others, which it holds already: write * alone, or leave it out');
  if (alone === '~') tell('spec.exportTo', 'has ~ beside others: it is either for nobody or for them');
}

/** `name`, `namespace/name`, or the older `name.namespace.svc.cluster.local`. */
export function checkGatewayNames(names: readonly string[] | undefined, path: string, tell: Tell): void {
  each(names, path, (name, at) => {
    const slash = name.indexOf('/');
    const right = slash < 0 ? isDomain(name, { wildcard: false }) : isLabel(name.slice(0, slash)) && isLabel(name.slice(slash + 1));
    if (!right && name !== MESH_GATEWAY) tell(at, `'${name}' can be no Gateway: write NAMESPACE/NAME, or its name if it is in this namespace`);
  });
}

/** Labels that pods may have. */
export function checkLabels(labels: Readonly<Record<string, string>> | undefined, path: string, tell: Tell): void {
  for (const [key, value] of Object.entries(labels ?? {})) {
    const name = key.slice(key.indexOf('/') + 1);
    if (!LABEL_KEY.test(key) || name.length > LONGEST_LABEL) tell(path, `'${key}' is no key of a label: letters, digits, '-', '_' and '.' make one, after a domain and '/' if it has one`);
    if (!LABEL_VALUE.test(value) || value.length > LONGEST_LABEL) tell(path, `'${value}' is no value of a label: letters, digits, '-', '_' and '.' make one`);
  }
}

/** The labels of `workloadSelector`. */
export function checkSelected(labels: Readonly<Record<string, string>> | undefined, path: string, tell: Tell): void {
  const entries = Object.entries(labels ?? {});
  if (entries.length === 0) tell(path, 'has no labels, so it selects every workload of the namespace: leave it out');
  for (const [key, value] of entries.filter((entry) => entry.join('').includes('*'))) {
    tell(path, `'${key}: ${value}' has a *, which stands for nothing here: workloads are selected by whole labels`);
  }
}

export function checkPortName(name: string | undefined, path: string, tell: Tell): void {
  if (name !== undefined && !isLabel(name)) tell(path, `'${name}' is no name of a port: letters, digits and '-' make one, at most ${LONGEST_LABEL}`);
}

const MOST_PORTS = 65_535;

export function checkPort(port: number | undefined, path: string, tell: Tell): void {
  if (port !== undefined && !(port >= 1 && port <= MOST_PORTS)) tell(path, `is ${port}, but ports are between 1 and ${MOST_PORTS}`);
}

/** `unix:///path` or `unix://@name`; undefined: it is no socket. */
export function isSocket(address: string): boolean | undefined {
  return address.startsWith('unix://') ? /^unix:\/\/(@|\/.*[^/]$)/.test(address) : undefined;
}
