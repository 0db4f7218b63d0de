import type { VirtualServiceSpec } from '../../imports/istio/virtual-service.types';
import { isWildcard, serviceHost } from './names';

const CLUSTER_SUFFIX = '.svc.cluster.local';

/** A printed VirtualService. */
interface Printed {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: unknown;
}

/**
 * What is wrong, in a mesh where namespaces own their hosts, with a VirtualService that routes those of others for everybody.
 * @param declarers the namespaces whose ServiceEntries declare hosts outside
 */
export function foreignHosts({ metadata, spec }: Printed, declarers: ReadonlyMap<string, string>): string[] {
  const { name, namespace = 'default' } = metadata;
  const { hosts = [], gateways = [], exportTo = [] } = (spec ?? {}) as VirtualServiceSpec;
  const onlyOwn = exportTo.length > 0 && exportTo.every((one) => one === '.' || one === namespace || one === '~');
  if (onlyOwn || (gateways.length > 0 && !gateways.includes('mesh'))) {
    return [];
  }
  return hosts.flatMap((host) => {
    const owner = ownerOf(host.toLowerCase(), namespace, declarers);
    const whose = owner === undefined ? 'stands for hosts of every namespace' : `belongs to namespace ${owner}`;
    return owner === namespace ? [] : [
      `VirtualService ${name}: ${host} ${whose}, and with hostOwnership: 'strict' ${namespace} may route it for its own callers only; `
        + `say exportTo: ['.'], or let ${owner ?? 'each owner'} write the rule`,
    ];
  });
}

/** Hosts that nobody declares are the author's own business. Undefined: many namespaces'. */
function ownerOf(host: string, namespace: string, declarers: ReadonlyMap<string, string>): string | undefined {
  const full = host.includes('.') || isWildcard(host) ? host : serviceHost(host, namespace);
  if (full.endsWith(CLUSTER_SUFFIX)) {
    const owner = full.slice(0, -CLUSTER_SUFFIX.length).split('.').at(-1);
    return owner === '*' ? undefined : owner;
  }
  if (isWildcard(full) && CLUSTER_SUFFIX.endsWith(full.slice(1))) {
    return undefined;
  }
  return declarers.get(full) ?? namespace;
}
