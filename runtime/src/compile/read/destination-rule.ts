import type {
  DestinationRuleSpec, DestinationRuleSpecSubsets, DestinationRuleSpecTrafficPolicy,
} from '../../../../imports/istio/destination-rule.types';
import type { PolicyFields } from '../../features/reader';
import type { Attachments } from '../../model/attachment';
import type { DestinationRule, Subset, TrafficPolicy } from '../../model/cluster';
import { NO_POLICY } from '../../model/cluster';
import { resolveHost } from '../../model/host';
import type { Place } from '../../model/place';
import type { Resource } from '../../model/resource';
import { refOf } from '../../model/resource';
import { readExportTo } from './export-to';
import { readWithRooms } from './rooms';

export function readDestinationRule(resource: Resource, place: Place): readonly DestinationRule[] {
  const spec = resource.spec as DestinationRuleSpec;
  const { namespace } = resource.metadata;
  const at = place.at('spec');
  return [{
    resource: refOf(resource),
    namespace,
    host: resolveHost(spec.host.toLowerCase(), namespace),
    exportTo: readExportTo(spec.exportTo, namespace),
    workloadSelector: spec.workloadSelector?.matchLabels,
    policy: readPolicy(spec.trafficPolicy, at.at('trafficPolicy')),
    subsets: readSubsets(spec.subsets ?? [], at.at('subsets')),
    created: resource.metadata.creationTimestamp ?? '',
  }];
}

/** As in Istio (validateSubsetName): the name becomes part of names of clusters, and of what TLS asks for. */
const SUBSET_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/i;

/** Of several of one name the first, which acceptance tells. */
function readSubsets(specs: readonly DestinationRuleSpecSubsets[], place: Place): Subset[] {
  const subsets = specs.flatMap((subset, i) => (isNamed(subset, place.at(i)) ? [readSubset(subset, place.at(i))] : []));
  return subsets.filter(({ name }, i) => subsets.findIndex((one) => one.name === name) === i);
}

function isNamed({ name }: DestinationRuleSpecSubsets, place: Place): boolean {
  if (!SUBSET_NAME.test(name)) {
    place.at('name').problem(`${JSON.stringify(name)} is no name of a subset, which has at most 63 letters, digits and '-' between them: the subset is left out`);
  }
  return SUBSET_NAME.test(name);
}

function readSubset(spec: DestinationRuleSpecSubsets, place: Place): Subset {
  return { name: spec.name, labels: spec.labels ?? {}, policy: readPolicy(spec.trafficPolicy, place.at('trafficPolicy')) };
}

function readPolicy(spec: DestinationRuleSpecTrafficPolicy | undefined, place: Place): TrafficPolicy {
  if (!spec) {
    return NO_POLICY;
  }
  const ports = new Map<number, Attachments>();
  (spec.portLevelSettings ?? []).forEach((one, i) => {
    if (one.port?.number !== undefined) {
      ports.set(one.port.number, readSettings(one, place.at('portLevelSettings').at(i)));
    }
  });
  return { settings: readSettings(spec, place), ports };
}

export function readSettings(spec: PolicyFields, place: Place): Attachments {
  return readWithRooms((room) => room.policy?.(spec, place));
}
