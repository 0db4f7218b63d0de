import type { Cluster } from '../../envoy';
import type { Side } from '../../model/proxy';
import type { PatchMatch } from './model';
import type { PatchPlan } from './finish-plan';
import { isMerge, merged, mergedExtension } from './finish-plan';
import type { TypedPatch } from './finish-value';

export interface ClusterPatchWork {
  readonly plan: PatchPlan;
  readonly side: Side;
  /** Those of the services behind an inbound cluster, whose name does not tell. */
  readonly hosts: readonly string[];
}

/** One cluster, patched as in Istio (pilot/pkg/networking/core/envoyfilter/cluster_patch.go); undefined: removed. */
export function patchCluster(given: Cluster, { plan, side, hosts }: ClusterPatchWork): Cluster | undefined {
  let cluster = given;
  for (const patch of plan.of('CLUSTER', side).filter((one) => matchesCluster(cluster, hosts, one.match.cluster))) {
    if (patch.operation === 'REMOVE') {
      return undefined;
    }
    cluster = isMerge(patch.operation) ? mergedCluster(cluster, patch) : cluster;
  }
  return cluster;
}

/** A socket of the same kind is merged, of another kind replaced; a patch that has one is about nothing else, as in Istio. */
function mergedCluster(cluster: Cluster, patch: TypedPatch<'CLUSTER'>): Cluster {
  const socket = patch.value.transportSocket;
  if (!socket) {
    return merged(cluster, patch);
  }
  const matches = cluster.transportSocketMatches ?? [];
  if (matches.length > 0) {
    const at = matches.findIndex((one) => one.transportSocket?.name === socket.name);
    return at < 0 ? cluster : {
      ...cluster,
      transportSocketMatches: matches.map((one, i) => (i === at ? { ...one, transportSocket: mergedExtension(one.transportSocket!, socket, patch) } : one)),
    };
  }
  const same = cluster.transportSocket?.name === socket.name;
  return { ...cluster, transportSocket: same ? mergedExtension(cluster.transportSocket!, socket, patch) : socket };
}

/** `outbound|9080|v1|reviews.bookinfo.svc.cluster.local`; a match by name asks for nothing else. */
function matchesCluster({ name = '' }: Cluster, hosts: readonly string[], wanted: PatchMatch['cluster']): boolean {
  if (!wanted || wanted.name !== undefined) {
    return !wanted || wanted.name === name;
  }
  const [, port = '', subset = '', host = ''] = name.split('|');
  return (wanted.subset === undefined || wanted.subset === subset)
    && (wanted.service === undefined || wanted.service === host || hosts.includes(wanted.service))
    && (wanted.portNumber === undefined || wanted.portNumber === Number(port));
}
