import type {
  DestinationRuleSpec, EnvoyFilterSpec, GatewaySpec, ServiceEntrySpec, SidecarSpec, VirtualServiceSpec, WorkloadEntrySpec, WorkloadGroupSpec,
} from '../../istio';
import type { Problem } from '../../model/problem';
import type { Metadata, Resource } from '../../model/resource';
import { refOf } from '../../model/resource';
import { KindAnalysis } from '../analysis/analysis';
import { Findings } from '../analysis/findings';
import { checkDestinationRule } from './destination-rule';
import { checkEnvoyFilter } from './envoy-filter';
import { checkGateway } from './gateway';
import { checkMeshConfig } from './mesh-config';
import { checkServiceEntry } from './service-entry';
import { checkSidecar } from './sidecar';
import type { Tell } from './tell';
import { checkVirtualService } from './virtual-service';
import { checkWorkloadEntry, checkWorkloadGroup } from './workload-entry';

const CHECKS = {
  VirtualService: (spec, tell, metadata) => checkVirtualService(spec as VirtualServiceSpec, tell, metadata),
  DestinationRule: (spec, tell, metadata) => checkDestinationRule(spec as DestinationRuleSpec, tell, metadata),
  Gateway: (spec, tell, metadata) => checkGateway(spec as GatewaySpec, tell, metadata),
  ServiceEntry: (spec, tell, metadata) => checkServiceEntry(spec as ServiceEntrySpec, tell, metadata),
  Sidecar: (spec, tell) => checkSidecar(spec as SidecarSpec, tell),
  EnvoyFilter: (spec, tell) => checkEnvoyFilter(spec as EnvoyFilterSpec, tell),
  WorkloadEntry: (spec, tell) => checkWorkloadEntry(spec as WorkloadEntrySpec, tell),
  WorkloadGroup: (spec, tell) => checkWorkloadGroup(spec as WorkloadGroupSpec, tell),
  ConfigMap: (map, tell, metadata) => checkMeshConfig(map as Resource, tell, metadata),
} satisfies Readonly<Record<string, (spec: unknown, tell: Tell, metadata: Metadata) => void>>;

type Kind = keyof typeof CHECKS;

/**
 * What the schema of a kind allows, and cannot be meant. Most of it Istio's own webhook refuses (pkg/config/validation/validation.go of
 * istio/istio); here it is told, and the rest of the object works. MeshConfig stands in a ConfigMap, which has no spec.
 */
export class Nonsense extends KindAnalysis<Kind> {
  public constructor() {
    const kinds = Object.keys(CHECKS) as Kind[];
    const findings = kinds.map((kind) => [kind, new Findings((object) => found(object, CHECKS[kind]))] as const);
    super(
      Object.fromEntries(kinds.map((kind) => [kind, kind === 'ConfigMap' ? '/ConfigMap' : `networking.istio.io/${kind}`])) as Record<Kind, string>,
      (world) => findings.flatMap(([kind, finding]) => finding.of(world[kind], {}).flat()),
    );
  }
}

function found(object: Resource, check: (spec: unknown, tell: Tell, metadata: Metadata) => void): readonly Problem[] | undefined {
  const problems: Problem[] = [];
  check(object.spec ?? object, (path, message) => problems.push({ resource: refOf(object), path, message, severity: 'warning' }), object.metadata);
  return problems.length > 0 ? problems : undefined;
}
