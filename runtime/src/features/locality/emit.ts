import type { Cluster } from '../../envoy';
import { uint64 } from '../../envoy';
import type { Attachments } from '../../model/attachment';
import type { EndpointGroup, Standpoint, TrafficDistribution } from '../../model/locality';
import { HOSTNAME_LABEL, NETWORK_LABEL, REGION_LABEL, SUBZONE_LABEL, ZONE_LABEL } from '../../model/locality';
import type { Emitter, Spread, SpreadContext } from '../emitter';
import { distributed, failingOver, failingOverRegions, prioritized } from './emit-tiers';
import type { LocalityBalancing, ZoneAwareBalancing } from './model';
import { localityBalancing } from './model';

/** MeshConfig.localityLbSetting where nobody sets it: on, with failover from near to far. */
const DEFAULT: LocalityBalancing = { kind: 'locality', enabled: true, distribute: [] };

/** What `trafficDistribution` of a Service stands for; it needs no outlier detection, for readiness says when to go elsewhere. */
const PREFERENCES: Readonly<Record<TrafficDistribution, LocalityBalancing>> = {
  zone: { ...DEFAULT, failoverPriority: [NETWORK_LABEL, REGION_LABEL, ZONE_LABEL] },
  node: { ...DEFAULT, failoverPriority: [NETWORK_LABEL, REGION_LABEL, ZONE_LABEL, SUBZONE_LABEL, HOSTNAME_LABEL] },
};

/** Orders localities as Istio does: https://istio.io/latest/docs/reference/config/networking/destination-rule/#LocalityLoadBalancerSetting */
export const localityEmitter: Emitter = {
  cluster(settings, context) {
    const effective = context.direction === 'outbound' ? effectiveOf(settings, context) : undefined;
    const commonLbConfig = effective && emitSpecifier(effective, context);
    return commonLbConfig && Object.keys(commonLbConfig).length > 0 ? { cluster: { commonLbConfig } } : {};
  },

  spread(settings, context): Spread | undefined {
    const effective = effectiveOf(settings, context);
    const arrange = effective && arrangementOf(effective, context);
    const labels = namesOf(effective?.failoverPriority ?? []);
    if (context.ownNodeOnly) {
      return { labels: [...labels, HOSTNAME_LABEL], arrange: (groups, caller) => (arrange ?? same)(onNode(groups, caller), caller) };
    }
    return arrange && { ...(effective?.kind === 'zone-aware' && effective.enabled && { needsPeers: effective.origin }), labels, arrange };
  },
};

const same: Spread['arrange'] = (groups) => groups;

/** What is nowhere is in one place, as in Istio (pilot/pkg/xds/endpoints/endpoint_builder.go). */
function onNode(groups: readonly EndpointGroup[], caller: Standpoint): readonly EndpointGroup[] {
  return groups.flatMap((group) => {
    const endpoints = group.endpoints.filter(({ labels }) => labels[HOSTNAME_LABEL] === caller.labels[HOSTNAME_LABEL]);
    return endpoints.length === 0 ? [] : [{ ...group, endpoints, weight: endpoints.reduce((sum, { weight = 1 }) => sum + weight, 0) }];
  });
}

/** DestinationRule, Service, MeshConfig: the first that says something decides alone. */
function effectiveOf(settings: Attachments, { mesh, distribution }: SpreadContext): LocalityBalancing | ZoneAwareBalancing | undefined {
  const own = settings.get(localityBalancing);
  const chosen = own ?? (distribution ? PREFERENCES[distribution] : mesh.get(localityBalancing) ?? DEFAULT);
  return chosen.kind === 'locality' && !chosen.enabled ? undefined : chosen;
}

function isForced(balancing: LocalityBalancing, { distribution }: SpreadContext): boolean {
  return distribution !== undefined && balancing === PREFERENCES[distribution];
}

function emitSpecifier(balancing: LocalityBalancing | ZoneAwareBalancing, context: SpreadContext): Cluster['commonLbConfig'] {
  if (balancing.kind === 'zone-aware') {
    return {
      zoneAwareLbConfig: {
        ...(!balancing.enabled && { routingEnabled: { value: 0 } }),
        ...(balancing.minClusterSize !== undefined && { minClusterSize: uint64(balancing.minClusterSize) }),
      },
    };
  }
  const ordered = balancing.failover !== undefined || balancing.failoverPriority !== undefined;
  const failsOver = (context.ejects || isForced(balancing, context)) && ordered;
  return balancing.distribute.length > 0 || failsOver ? { localityWeightedLbConfig: {} } : {};
}

type Arrange = (groups: readonly EndpointGroup[], caller: Standpoint) => readonly EndpointGroup[];

function arrangementOf(balancing: LocalityBalancing | ZoneAwareBalancing, context: SpreadContext): Arrange | undefined {
  const { failover = [], failoverPriority = [] } = balancing;
  const byLabels: Arrange = (groups, caller) => (failoverPriority.length > 0 ? prioritized(groups, caller, failoverPriority) : groups);
  if (balancing.kind === 'zone-aware') {
    return balancing.enabled ? (groups, caller) => failingOverRegions(byLabels(groups, caller), caller, failover) : undefined;
  }
  if (balancing.distribute.length > 0) {
    return (groups, caller) => distributed(groups, caller, balancing.distribute);
  }
  if (!context.ejects && !isForced(balancing, context)) {
    return undefined;
  }
  return failoverPriority.length > 0 && failover.length === 0
    ? byLabels
    : (groups, caller) => failingOver(byLabels(groups, caller), caller, failover);
}

function namesOf(labels: readonly string[]): string[] {
  return labels.map((label) => label.split('=', 1)[0]);
}
