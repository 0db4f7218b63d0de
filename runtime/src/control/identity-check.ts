import type { Proxy } from '../model/proxy';
import { certificateIdentity, type Trust } from '../ca';
import type { XdsNode } from '../xds';

/**
 * Why a node may not have configuration by a connection, or undefined: it gets what its workload may see, Secrets among it, so its
 * certificate must be of the namespace and account that it says it is (istiod: PILOT_ENABLE_XDS_IDENTITY_CHECK, pilot/pkg/xds/auth.go).
 */
export function identityFault({ node, certificate, trust, parse }: {
  readonly node: XdsNode;
  readonly certificate: Uint8Array | undefined;
  readonly trust: Trust;
  readonly parse: (node: XdsNode) => Proxy | string;
}): string | undefined {
  if (!certificate) return 'no client certificate was shown, or none that a root of this mesh has issued: the secured port serves workloads with certificates';
  const identity = certificateIdentity(certificate, trust);
  if (typeof identity === 'string') return identity;
  const proxy = parse(node);
  if (typeof proxy === 'string') return proxy;
  const { namespace, serviceAccount } = identity;
  return proxy.namespace === namespace && proxy.serviceAccount === serviceAccount
    ? undefined
    : `the node says it is ${proxy.namespace}/${proxy.serviceAccount}, its certificate is of ${namespace}/${serviceAccount}`;
}
