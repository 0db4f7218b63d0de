import type { SidecarSpec } from '../../istio';
import { isKnownProtocol } from '../../model/protocol';
import { checkPool } from './connection-pool';
import { checkDestination } from './http-destination';
import { checkPort, checkPortName, checkSelected, checkTarget, isDomain, isLabel, isSocket } from './names';
import { each, type Tell } from './tell';

type Egress = NonNullable<SidecarSpec['egress']>[number];
type Ingress = NonNullable<SidecarSpec['ingress']>[number];

const OWN_ADDRESSES: ReadonlySet<string> = new Set(['', '127.0.0.1', '0.0.0.0', '::1', '::']);

export function checkSidecar(spec: SidecarSpec, tell: Tell): void {
  const { egress = [], ingress = [], outboundTrafficPolicy, inboundConnectionPool, workloadSelector } = spec;
  if (egress.length + ingress.length === 0 && !outboundTrafficPolicy && !inboundConnectionPool) {
    tell('spec', 'has none of egress, ingress, outboundTrafficPolicy and inboundConnectionPool, so it changes nothing');
  }
  if (workloadSelector) checkSelected(workloadSelector.labels, 'spec.workloadSelector.labels', tell);
  each(egress, 'spec.egress', (one, path, index) => {
    checkEgress(one, path, tell);
    if (!one.port && index < egress.length - 1) {
      tell(path, 'has no port, so it is for all that no other listener is for: make it the last one');
    }
    if (one.port && egress.slice(0, index).some((other) => other.port && listenerOf(other) === listenerOf(one))) tell(path, `is a second listener for ${listenerOf(one)}: Istio asks for one, so put the hosts together`);
  });
  each(ingress, 'spec.ingress', (one, path, index) => {
    checkIngress(one, path, tell);
    if (ingress.slice(0, index).some((other) => other.port.number === one.port.number)) tell(`${path}.port.number`, `${one.port.number} has a listener before: leave one of them out`);
  });
  checkPool(inboundConnectionPool, 'spec.inboundConnectionPool', tell);
  checkOutside(outboundTrafficPolicy, tell);
}

function listenerOf({ port, bind }: Egress): string {
  return port?.number ? `port ${port.number}` : bind ?? '';
}

function checkEgress({ hosts, port }: Egress, path: string, tell: Tell): void {
  if (hosts.length === 0) tell(`${path}.hosts`, 'is empty: write ./* for the own namespace, or ~/* for nothing');
  each(hosts, `${path}.hosts`, (host, at) => checkImport(host, at, tell));
  checkListened(port, path, tell);
}

/** `namespace/host`; before the namespace, `~` takes it out. */
function checkImport(text: string, path: string, tell: Tell): void {
  const slash = text.indexOf('/');
  if (slash < 0) {
    tell(path, `'${text}' has no namespace: write NAMESPACE/HOST, such as ./${text} or */${text}`);
    return;
  }
  const [namespace, host] = [text.slice(0, slash).replace(/^~/, ''), text.slice(slash + 1)];
  if (text.startsWith('/') || (namespace !== '' && namespace !== '*' && namespace !== '.' && !isLabel(namespace))) {
    tell(path, `'${text}' begins with no namespace: write one, '.' for the own or '*' for all`);
  }
  const whole = host === '*' || (host.includes('.') && isDomain(host, { wildcard: true }) && (!host.startsWith('*') || host.startsWith('*.')));
  if (!whole) tell(path, `'${host}' is no whole name, such as web.shop.svc.cluster.local, *.shop.svc.cluster.local or *: Istio refuses it`);
}

function checkListened(port: { readonly name?: string; readonly protocol?: string } | undefined, path: string, tell: Tell): void {
  if (port?.name) checkPortName(port.name, `${path}.port.name`, tell);
  if (!isKnownProtocol(port?.protocol)) tell(`${path}.port.protocol`, `'${port?.protocol}' is no protocol that proxies know: it is looked up from the first bytes`);
}

function checkIngress({ port, defaultEndpoint = '', tls, connectionPool }: Ingress, path: string, tell: Tell): void {
  checkListened(port, path, tell);
  checkPool(connectionPool, `${path}.connectionPool`, tell);
  if (defaultEndpoint !== '' && !isOwn(defaultEndpoint)) {
    tell(`${path}.defaultEndpoint`, `'${defaultEndpoint}' is not the workload itself: write 127.0.0.1:PORT, 0.0.0.0:PORT, [::1]:PORT, [::]:PORT or unix:///PATH`);
  }
  const secrets = Object.entries({ credentialName: tls?.credentialName, credentialNames: tls?.credentialNames?.length, tlsCertificates: tls?.tlsCertificates?.length });
  for (const [field] of secrets.filter(([, value]) => value)) tell(`${path}.tls.${field}`, 'is taken here, and Istio refuses it at sidecars: write serverCertificate and privateKey where it must do with Istio too');
}

function checkOutside(policy: SidecarSpec['outboundTrafficPolicy'], tell: Tell): void {
  const { egressProxy, mode = 'REGISTRY_ONLY' } = policy ?? {};
  if (!egressProxy) return;
  const path = 'spec.outboundTrafficPolicy.egressProxy';
  if (mode === 'REGISTRY_ONLY') tell(path, 'has no effect with mode: REGISTRY_ONLY, where hosts that nobody knows are not reached');
  if (!egressProxy.port) tell(`${path}.port`, 'is missing: which port of the proxy is meant?');
  else checkPort(egressProxy.port.number ?? 0, `${path}.port.number`, tell);
  checkTarget(egressProxy.host, `${path}.host`, tell);
  checkDestination({ ...egressProxy, port: undefined }, path, tell);
}

function isOwn(endpoint: string): boolean {
  const socket = isSocket(endpoint);
  if (socket !== undefined) return socket;
  const colon = endpoint.lastIndexOf(':');
  const host = endpoint.slice(0, Math.max(colon, 0)).replace(/^\[(.*)\]$/, '$1');
  return OWN_ADDRESSES.has(host) && /^\d+$/.test(endpoint.slice(colon + 1));
}
