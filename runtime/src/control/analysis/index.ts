import type { Problem } from '../../model/problem';
import type { Snapshot } from '../../model/snapshot';
import { Nonsense } from '../nonsense';
import type { Analysis } from './analysis';
import { Annotations } from './annotations';
import { ApplicationUsers } from './application-users';
import { ClaimRoutes } from './claim-routes';
import { DestinationPorts } from './destination-ports';
import { EmptySubsets } from './empty-subsets';
import { GatewayPorts } from './gateway-ports';
import { PolicyNamespaces } from './policy-namespaces';
import { PolicyTargets } from './policy-targets';
import { SharedCertificates } from './shared-certificates';
import { SidecarRivals } from './sidecar-rivals';
import { UnservedGateways } from './unserved-gateways';
import { PeerPolicies } from './peer-policies';
import { UnusedSelectors } from './unused-selectors';

/** All that is worth a warning although every object by itself is right. */
export class Analyses implements Analysis {
  private readonly all: readonly Analysis[] = [
    new UnservedGateways(), new EmptySubsets(), new GatewayPorts(), new DestinationPorts(), new UnusedSelectors(), new PeerPolicies(), new ClaimRoutes(),
    new PolicyTargets(), new PolicyNamespaces(), new SidecarRivals(), new SharedCertificates(), new ApplicationUsers(), new Annotations(),
    new Nonsense(),
  ];

  public problems(raw: Snapshot): readonly Problem[] {
    return this.all.flatMap((one) => one.problems(raw));
  }
}
