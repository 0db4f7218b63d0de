import type { SidecarSpec } from '../../istio';
import { each, type Tell } from './tell';

const OWN_ADDRESSES: ReadonlySet<string> = new Set(['', '127.0.0.1', '0.0.0.0', '::1', '::']);

export function checkSidecar({ egress = [], ingress = [], outboundTrafficPolicy, inboundConnectionPool }: SidecarSpec, tell: Tell): void {
  if (egress.length + ingress.length === 0 && !outboundTrafficPolicy && !inboundConnectionPool) {
    tell('spec', 'has none of egress, ingress, outboundTrafficPolicy and inboundConnectionPool, so it changes nothing');
  }
  each(egress, 'spec.egress', ({ hosts, port }, path, index) => {
    if (hosts.length === 0) tell(`${path}.hosts`, 'is empty: write ./* for the own namespace, or ~/* for nothing');
    each(hosts, `${path}.hosts`, (host, at) => {
      if (!host.includes('/')) tell(at, `'${host}' has no namespace: write NAMESPACE/HOST, such as ./${host} or */${host}`);
    });
    if (!port && index < egress.length - 1) {
      tell(path, 'has no port, so it is for all that no other listener is for: make it the last one');
    }
  });
  each(ingress, 'spec.ingress', ({ defaultEndpoint = '' }, path) => {
    if (defaultEndpoint !== '' && !isOwn(defaultEndpoint)) {
      tell(`${path}.defaultEndpoint`, `'${defaultEndpoint}' is not the workload itself: write 127.0.0.1:PORT, 0.0.0.0:PORT, [::1]:PORT, [::]:PORT or unix:///PATH`);
    }
  });
  if (outboundTrafficPolicy?.egressProxy && outboundTrafficPolicy.mode === 'REGISTRY_ONLY') {
    tell('spec.outboundTrafficPolicy.egressProxy', 'has no effect with mode: REGISTRY_ONLY, where hosts that nobody knows are not reached');
  }
}

function isOwn(endpoint: string): boolean {
  if (endpoint.startsWith('unix:///')) return true;
  const colon = endpoint.lastIndexOf(':');
  const host = endpoint.slice(0, Math.max(colon, 0)).replace(/^\[(.*)\]$/, '$1');
  return OWN_ADDRESSES.has(host) && /^\d+$/.test(endpoint.slice(colon + 1));
}
