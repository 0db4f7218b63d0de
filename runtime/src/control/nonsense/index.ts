import type { DestinationRuleSpec, GatewaySpec, ServiceEntrySpec, SidecarSpec, VirtualServiceSpec } from '../../istio';
import type { Problem } from '../../model/problem';
import type { Resource } from '../../model/resource';
import { refOf } from '../../model/resource';
import { KindAnalysis } from '../analysis/analysis';
import { Findings } from '../analysis/findings';
import { checkDestinationRule } from './destination-rule';
import { checkGateway } from './gateway';
import { checkServiceEntry } from './service-entry';
import { checkSidecar } from './sidecar';
import type { Tell } from './tell';
import { checkVirtualService } from './virtual-service';

const CHECKS = {
  VirtualService: (spec, tell) => checkVirtualService(spec as VirtualServiceSpec, tell),
  DestinationRule: (spec, tell) => checkDestinationRule(spec as DestinationRuleSpec, tell),
  Gateway: (spec, tell) => checkGateway(spec as GatewaySpec, tell),
  ServiceEntry: (spec, tell) => checkServiceEntry(spec as ServiceEntrySpec, tell),
  Sidecar: (spec, tell) => checkSidecar(spec as SidecarSpec, tell),
} satisfies Readonly<Record<string, (spec: unknown, tell: Tell) => void>>;

type Kind = keyof typeof CHECKS;

/**
 * What the schema of a kind allows, and cannot be meant. Most of it Istio's own webhook refuses (pkg/config/validation/validation.go of
 * istio/istio); here it is told, and the rest of the object works.
 */
export class Nonsense extends KindAnalysis<Kind> {
  public constructor() {
    const kinds = Object.keys(CHECKS) as Kind[];
    const findings = kinds.map((kind) => [kind, new Findings((object) => found(object, CHECKS[kind]))] as const);
    super(
      Object.fromEntries(kinds.map((kind) => [kind, `networking.istio.io/${kind}`])) as Record<Kind, string>,
      (world) => findings.flatMap(([kind, finding]) => finding.of(world[kind], {}).flat()),
    );
  }
}

function found(object: Resource, check: (spec: unknown, tell: Tell) => void): readonly Problem[] | undefined {
  const problems: Problem[] = [];
  check(object.spec ?? {}, (path, message) => problems.push({ resource: refOf(object), path, message, severity: 'warning' }));
  return problems.length > 0 ? problems : undefined;
}
