import type { Problem } from '../../model/problem';
import type { Snapshot } from '../../model/snapshot';
import type { Analysis } from './analysis';
import { ClaimRoutes } from './claim-routes';
import { DestinationPorts } from './destination-ports';
import { EmptySubsets } from './empty-subsets';
import { GatewayPorts } from './gateway-ports';
import { PolicyTargets } from './policy-targets';
import { UnservedGateways } from './unserved-gateways';
import { PeerPolicies } from './peer-policies';
import { UnusedSelectors } from './unused-selectors';

/** All that is worth a warning although every object by itself is right. */
export class Analyses implements Analysis {
  private readonly all: readonly Analysis[] = [
    new UnservedGateways(), new EmptySubsets(), new GatewayPorts(), new DestinationPorts(), new UnusedSelectors(), new PeerPolicies(), new ClaimRoutes(),
    new PolicyTargets(),
  ];

  public problems(raw: Snapshot): readonly Problem[] {
    return this.all.flatMap((one) => one.problems(raw));
  }
}
