import type {
  DestinationRuleSpec, DestinationRuleSpecSubsets, DestinationRuleSpecTrafficPolicy,
} from '../../../../imports/istio/destination-rule.types';
import type { PolicyFields } from '../../features/reader';
import { isForeignSecret } from '../../features/secret-config';
import type { Attachments } from '../../model/attachment';
import type { DestinationRule, Subset, TrafficPolicy } from '../../model/cluster';
import { NO_POLICY } from '../../model/cluster';
import { resolveHost } from '../../model/host';
import type { Place } from '../../model/place';
import type { Resource } from '../../model/resource';
import { readExportTo, refOf } from './export-to';
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
    subsets: (spec.subsets ?? []).map((subset, i) => readSubset(subset, at.at('subsets').at(i))),
    created: resource.metadata.creationTimestamp ?? '',
  }];
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

export function readSettings(given: PolicyFields, place: Place): Attachments {
  const spec = withOwnSecret(given, place);
  return readWithRooms((room) => room.policy?.(spec, place));
}

function withOwnSecret(spec: PolicyFields, place: Place): PolicyFields {
  const name = spec.tls?.credentialName;
  // The Gateway API checks for itself what its objects may refer to.
  if (!isForeignSecret(name) || place.resource.kind === 'BackendTLSPolicy') {
    return spec;
  }
  place.at('tls').at('credentialName').problem(`'${name}' is no name of a Secret in the namespace of the proxy: a Secret of its last part is looked for there`);
  return { ...spec, tls: { ...spec.tls, credentialName: name?.split('/').at(-1) } };
}
