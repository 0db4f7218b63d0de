import type { PlaceIndex } from '../../model/mesh';
import type { Standpoint } from '../../model/locality';
import { HOSTNAME_LABEL, REGION_LABEL, SUBZONE_LABEL, ZONE_LABEL, parseLocality, withTopology } from '../../model/locality';
import type { Resource } from '../../model/resource';
import type { ResourceMap } from '../../model/snapshot';
import { resourceKey } from '../../model/snapshot';
import type { Labels } from '../../model/workload';
import { ObjectCache } from '../cache';

/** A pod may say itself where it stands; dots, for labels cannot hold slashes. The first is Istio's new name of the second. */
const LOCALITY_LABELS = ['topology.istio.io/locality', 'istio-locality'];
const BETA_LABELS: Labels = { [REGION_LABEL]: 'failure-domain.beta.kubernetes.io/region', [ZONE_LABEL]: 'failure-domain.beta.kubernetes.io/zone' };

interface PodSpec {
  readonly nodeName?: string;
  readonly nodeSelector?: Labels;
}

/** Where pods stand: what they say themselves, else what the labels of their node say. The same object until pod or node changes. */
export class TopologyReader {
  private readonly standpoints = new ObjectCache<Resource, Standpoint>(1);
  private latest?: { readonly pods: ResourceMap; readonly nodes: ResourceMap; readonly index: PlaceIndex };

  public index(pods: ResourceMap, nodes: ResourceMap): PlaceIndex {
    if (this.latest?.pods !== pods || this.latest.nodes !== nodes) {
      const of: PlaceIndex['of'] = (namespace, name) => {
        const pod = pods.get(resourceKey(namespace, name));
        return pod && this.of(pod, nodes);
      };
      this.latest = { pods, nodes, index: { of } };
    }
    return this.latest.index;
  }

  public of(pod: Resource, nodes: ResourceMap): Standpoint {
    const node = nodeOf(pod, nodes);
    return this.standpoints.get(pod, [node], () => readStandpoint(pod, node));
  }
}

export function nodeOf(pod: Resource, nodes: ResourceMap): Resource | undefined {
  return nodes.get(resourceKey('', (pod.spec as PodSpec | undefined)?.nodeName ?? ''));
}

function readStandpoint(pod: Resource, node: Resource | undefined): Standpoint {
  const { nodeName, nodeSelector = {} } = (pod.spec ?? {}) as PodSpec;
  const labels = pod.metadata.labels ?? {};
  // Where nobody has described the node, it is at least one of those on which the pod may run.
  const locality = ownLocality(labels) || localityOf(node?.metadata.labels ?? nodeSelector);
  return { locality, labels: withTopology(labels, locality, { node: node?.metadata.labels?.[HOSTNAME_LABEL] ?? nodeName }) };
}

/** `istio-locality: region.zone.sub-zone`; empty where the labels do not say. */
export function ownLocality(labels: Labels): string {
  const text = labels[LOCALITY_LABELS.find((name) => labels[name]) ?? ''] ?? '';
  return text.includes('/') ? text : text.replaceAll('.', '/');
}

/** The locality that topology labels tell. */
function localityOf(labels: Labels): string {
  const get = (name: string) => labels[name] || labels[BETA_LABELS[name] ?? ''] || '';
  const [region, zone, subZone] = [get(REGION_LABEL), get(ZONE_LABEL), get(SUBZONE_LABEL)];
  return region || zone || subZone ? `${region}/${zone}/${subZone}` : '';
}

/** The standpoint of a proxy that is no pod: what its own labels say. */
export function standpointOf(labels: Labels): Standpoint {
  const { region, zone, subZone } = parseLocality(ownLocality(labels));
  const locality = [region, zone, subZone].some((part) => part !== '') ? ownLocality(labels) : localityOf(labels);
  return { locality, labels: withTopology(labels, locality) };
}
