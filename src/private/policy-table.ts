import type { IConstruct } from 'constructs';
import type { DestinationRuleSpecTrafficPolicy } from '../../imports/istio/destination-rule.types';
import { MeshError } from '../mesh-error';
import { defined, leafPaths, merge, type Plain } from './merge';

interface Policy {
  readonly declarer: IConstruct;
  readonly version: string | undefined;
  readonly fields: DestinationRuleSpecTrafficPolicy;
}

/** All destination policies of one host: for the whole service, or for one version. */
export class PolicyTable {
  private readonly policies: Policy[] = [];

  get isEmpty(): boolean {
    return this.policies.length === 0;
  }

  /** Whether some policy is for a version only; it holds only for routes that name the version. */
  get hasVersions(): boolean {
    return this.policies.some((policy) => policy.version !== undefined);
  }

  add(policy: Policy): void {
    for (const other of this.policies.filter(({ version }) => version === policy.version)) {
      refuseConflict(other, policy);
    }
    this.policies.push(policy);
  }

  /** The policy of the whole service. A port with settings of its own takes nothing from the service's in Istio, so they are repeated there. */
  service(): DestinationRuleSpecTrafficPolicy | undefined {
    const policy = this.merged(undefined);
    if (policy?.portLevelSettings === undefined) {
      return policy;
    }
    const { connectionPool, loadBalancer, outlierDetection, tls } = policy;
    const shared = defined({ connectionPool, loadBalancer, outlierDetection, tls });
    return { ...policy, portLevelSettings: policy.portLevelSettings.map((settings) => merge(shared, settings)) };
  }

  /**
   * The policy of a version. Istio lets a version's `connectionPool` (or other top-level field) replace the service's, so what the service
   * sets in the fields that the version touches is repeated.
   */
  version(version: string): DestinationRuleSpecTrafficPolicy | undefined {
    const own = this.merged(version);
    if (own === undefined) {
      return undefined;
    }
    const inherited = Object.entries(this.service() ?? {}).filter(([field]) => field in own);
    return merge(Object.fromEntries(inherited) as DestinationRuleSpecTrafficPolicy, own);
  }

  private merged(version: string | undefined): DestinationRuleSpecTrafficPolicy | undefined {
    const fields = this.policies.filter((policy) => policy.version === version).map((policy) => policy.fields);
    return fields.length === 0 ? undefined : fields.reduce((all, next) => merge(all, next));
  }
}

function refuseConflict(first: Policy, second: Policy): void {
  const taken = new Set(leafPaths(first.fields as Plain));
  const clash = leafPaths(second.fields as Plain).find((path) => taken.has(path));
  if (clash !== undefined) {
    const scope = second.version === undefined ? 'the whole service' : `version ${second.version}`;
    throw new MeshError({
      construct: second.declarer,
      code: 'conflicting-policy',
      problem: `${clash} of ${scope} is already set by ${first.declarer.node.path}`,
      fix: 'set it in one of the two, or for different versions',
    });
  }
}
