import type {
  DestinationRuleSpecTrafficPolicyLoadBalancerLocalityLbSetting as LocalitySpec,
  DestinationRuleSpecTrafficPolicyLoadBalancerLocalityLbSettingFailover as FailoverSpec,
  DestinationRuleSpecTrafficPolicyLoadBalancerZoneAwareLbSetting as ZoneAwareSpec,
} from '../../../../imports/istio/destination-rule.types';
import { attach } from '../../model/attachment';
import { REGION_LABEL, SUBZONE_LABEL, ZONE_LABEL } from '../../model/locality';
import type { Place } from '../../model/place';
import { readCount } from '../number-range';
import type { MeshFields, Reader } from '../reader';
import type { Failover, LocalityBalancing, ZoneAwareBalancing } from './model';
import { localityBalancing } from './model';
import { readDistribute } from './read-distribute';

/** In the words of Istio's own checks (`ValidateLocalityLbSetting`): what they refuse is left out, what they warn of is warned of. */
export const localityReader: Reader = {
  policy(spec, place) {
    if (!spec.loadBalancer) {
      return [];
    }
    const balancing = readBalancing(spec.loadBalancer, place.at('loadBalancer'));
    if (balancing?.enabled && (balancing.failover?.length || balancing.failoverPriority?.length) && !spec.outlierDetection) {
      place.problem('has failover, but no outlierDetection here: without it proxies do not see that endpoints fail, and never go elsewhere; '
        + 'add one, unless it stands at the level above', 'warning');
    }
    return [attach(localityBalancing, balancing)];
  },

  mesh(config, place) {
    const balancing = readBalancing(config, place);
    return balancing ? [attach(localityBalancing, balancing)] : [];
  },
};

function readBalancing(
  { zoneAwareLbSetting, localityLbSetting }: MeshFields, place: Place,
): LocalityBalancing | ZoneAwareBalancing | undefined {
  if (zoneAwareLbSetting && localityLbSetting) {
    place.at('localityLbSetting').problem('cannot stand beside zoneAwareLbSetting, which counts alone: remove one of them', 'warning');
  }
  return zoneAwareLbSetting
    ? readZoneAware(zoneAwareLbSetting, place.at('zoneAwareLbSetting'))
    : localityLbSetting && readLocality(localityLbSetting, place.at('localityLbSetting'));
}

function readLocality(spec: LocalitySpec, place: Place): LocalityBalancing {
  const distribute = readDistribute(spec.distribute ?? [], place.at('distribute'));
  if (distribute.length > 0 && (spec.failover?.length || spec.failoverPriority?.length)) {
    place.at('distribute').problem('cannot stand beside failover and failoverPriority, and counts alone: remove the others', 'warning');
    return { kind: 'locality', enabled: spec.enabled ?? true, distribute };
  }
  return {
    kind: 'locality',
    enabled: spec.enabled ?? true,
    distribute,
    failover: spec.failover?.length ? readFailover(spec.failover, place.at('failover')) : undefined,
    failoverPriority: spec.failoverPriority?.length ? readPriority(spec.failoverPriority, spec.failover ?? [], place.at('failoverPriority')) : undefined,
  };
}

/** Regions, and with them everything inside, can be ordered by the pairs of `failover` or by labels, not by both. */
function readPriority(labels: readonly string[], failover: readonly FailoverSpec[], place: Place): readonly string[] {
  return labels.filter((label, i) => {
    const conflict = failover.length > 0 && TOPOLOGY.has(label);
    if (conflict) {
      place.at(i).problem(`'${label}' cannot stand beside failover, which orders regions already: it is left out`);
    }
    return !conflict;
  });
}

const TOPOLOGY: ReadonlySet<string> = new Set([REGION_LABEL, ZONE_LABEL, SUBZONE_LABEL]);

function readZoneAware(spec: ZoneAwareSpec, place: Place): ZoneAwareBalancing {
  return {
    kind: 'zone-aware',
    enabled: spec.enabled ?? true,
    failover: readFailover(spec.failover ?? [], place.at('failover')),
    failoverPriority: (spec.failoverPriority ?? []).filter((label, i) => {
      if (TOPOLOGY.has(label)) {
        place.at('failoverPriority').at(i).problem(`'${label}' is balanced by zoneAwareLbSetting itself: it is left out`);
      }
      return !TOPOLOGY.has(label);
    }),
    minClusterSize: readCount(spec.minClusterSize, place.at('minClusterSize')),
    origin: { resource: place.resource, path: place.path },
  };
}

function readFailover(list: readonly FailoverSpec[], place: Place): readonly Failover[] {
  return list.flatMap(({ from = '', to = '' }, i) => {
    const wrong = from === to ? 'leads to the region it comes from'
      : /[/*]/.test(from + to) ? 'may name whole regions only, without / and *' : undefined;
    if (wrong) {
      place.at(i).problem(`${wrong} (from '${from}' to '${to}'): it is left out`);
    }
    return wrong ? [] : [{ from, to }];
  });
}
