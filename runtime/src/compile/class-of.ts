import { compare } from '../model/host';
import type { Proxy } from '../model/proxy';
import type { ProxyClass } from './emit/proxy-class';

/** Debian's and most other distributions' bundle of authorities. */
const SYSTEM_TRUST = '/etc/ssl/certs/ca-certificates.crt';

/** What of a proxy shapes its configuration, and the name under which its results are kept. */
export function classOf(proxy: Proxy): { readonly key: string; readonly proxyClass: ProxyClass } {
  const mark = Number(proxy.metadata.LOCAL_MARK);
  const proxyClass: ProxyClass = {
    type: proxy.type,
    namespace: proxy.namespace,
    labels: proxy.labels,
    mark: Number.isInteger(mark) && mark > 0 ? mark : undefined,
    systemTrust: typeof proxy.metadata.LOCAL_TRUST === 'string' ? proxy.metadata.LOCAL_TRUST : SYSTEM_TRUST,
  };
  const labels = Object.entries(proxy.labels).sort(([a], [b]) => compare(a, b));
  return { key: JSON.stringify([proxy.type, proxy.namespace, proxyClass.mark ?? 0, proxyClass.systemTrust, labels]), proxyClass };
}
