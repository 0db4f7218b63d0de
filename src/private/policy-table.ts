import type { IConstruct } from 'constructs';
import type { DestinationRuleSpecTrafficPolicy, DestinationRuleSpecTrafficPolicyPortLevelSettings } from '../../imports/istio/destination-rule.types';
import { MeshError } from '../mesh-error';
import { defined, leafPaths, merge, type Plain } from './merge';

type TrafficPolicy = DestinationRuleSpecTrafficPolicy;
type PortPolicy = DestinationRuleSpecTrafficPolicyPortLevelSettings;

/** What a policy is for: the whole service unless it names a version, every port unless it names one. */
export interface PolicyScope {
  readonly version?: string;
  readonly port?: number;
}

interface Policy extends PolicyScope {
  readonly declarer: IConstruct;
  readonly fields: TrafficPolicy;
}

/** All destination policies of one host: for the whole service, or for one version or port. */
export class PolicyTable {
  private readonly policies: Policy[] = [];

  /** Each field of `defaults` holds for the whole service as long as nothing is said about that field. */
  constructor(private readonly defaults: TrafficPolicy = {}) {}

  get isEmpty(): boolean {
    return this.policies.length === 0 && Object.keys(this.defaults).length === 0;
  }

  /** Whether some policy is for a version only; it holds only for routes that name the version. */
  get hasVersions(): boolean {
    return this.policies.some((policy) => policy.version !== undefined);
  }

  add(declarer: IConstruct, given: TrafficPolicy, scope: PolicyScope = {}): void {
    const { portLevelSettings = [], ...fields } = given;
    const added = [
      ...(Object.keys(fields).length === 0 ? [] : [{ declarer, fields, ...scope }]),
      ...portLevelSettings.map(({ port, ...settings }) => ({ declarer, fields: settings, ...scope, port: port?.number })),
    ];
    for (const policy of added) {
      this.policies.filter(({ version, port }) => version === policy.version && port === policy.port).forEach((other) => refuseConflict(other, policy));
    }
    this.policies.push(...added);
  }

  /** What holds in the end for a version and port, the narrower policies laid over the wider ones. */
  effective({ version, port }: PolicyScope): TrafficPolicy {
    const layers = [{}, { port }, { version }, { version, port }].filter((layer, index, all) => all.findIndex((other) => sameScope(layer, other)) === index);
    return layers.reduce<TrafficPolicy>((all, layer) => mergePolicy(all, this.merged(layer) ?? {}), {});
  }

  /** The policy of the whole service. A port with settings of its own takes nothing from the service's in Istio, so they are repeated there. */
  service(): TrafficPolicy | undefined {
    return withPorts(this.merged({}), this.ports(undefined).map((port) => this.settings({ port })));
  }

  /**
   * The policy of a version. Istio lets a version's `connectionPool` (or other top-level field) replace the service's, at its ports too, so
   * what the service sets in the fields that the version touches is repeated.
   */
  version(version: string): TrafficPolicy | undefined {
    const own = this.merged({ version });
    const touched = Object.keys(own ?? {});
    const shared = this.ports(undefined).filter((port) => Object.keys(this.merged({ port }) ?? {}).some((field) => touched.includes(field)));
    const ports = [...new Set([...shared, ...this.ports(version)])].sort((a, b) => a - b);
    const inherited = Object.fromEntries(Object.entries(this.merged({}) ?? {}).filter(([field]) => touched.includes(field)));
    return withPorts(own && mergePolicy(inherited, own), ports.map((port) => this.settings({ version, port })));
  }

  private settings(scope: PolicyScope): PortPolicy {
    const { connectionPool, loadBalancer, outlierDetection, tls } = this.effective(scope);
    return { port: { number: scope.port }, ...defined({ connectionPool, loadBalancer, outlierDetection, tls }) };
  }

  /** The ports that a version, or the whole service, has policies for. */
  private ports(version: string | undefined): number[] {
    return [...new Set(this.policies.flatMap((policy) => (policy.version === version && policy.port !== undefined ? [policy.port] : [])))];
  }

  private merged(scope: PolicyScope): TrafficPolicy | undefined {
    const given = sameScope(scope, {}) && Object.keys(this.defaults).length > 0 ? [this.defaults] : [];
    const fields = [...given, ...this.policies.filter((policy) => sameScope(policy, scope)).map((policy) => policy.fields)];
    return fields.length === 0 ? undefined : fields.reduce((all, next) => mergePolicy(all, next));
  }
}

function sameScope(first: PolicyScope, second: PolicyScope): boolean {
  return first.version === second.version && first.port === second.port;
}

function withPorts(policy: TrafficPolicy | undefined, ports: readonly PortPolicy[]): TrafficPolicy | undefined {
  return ports.length === 0 ? policy : { ...policy, portLevelSettings: ports };
}

const ALGORITHM = ['simple', 'consistentHash'] as const;

/** One policy laid over another. A load balancer has one algorithm, so a new one replaces the old one whole. */
function mergePolicy(under: TrafficPolicy, over: TrafficPolicy): TrafficPolicy {
  if (under.loadBalancer === undefined || !ALGORITHM.some((field) => over.loadBalancer?.[field] !== undefined)) {
    return merge(under, over);
  }
  const { simple: _simple, consistentHash: _hash, ...loadBalancer } = under.loadBalancer;
  return merge({ ...under, loadBalancer }, over);
}

/** The fields that a policy decides: of a load balancer's algorithm there is one, however it is written. */
function decisions(fields: TrafficPolicy): string[] {
  return leafPaths(fields as Plain).map((path) => (/^loadBalancer\.(simple|consistentHash)\b/.test(path) ? 'loadBalancer (the algorithm)' : path));
}

function refuseConflict(first: Policy, second: Policy): void {
  const taken = new Set(decisions(first.fields));
  const clash = decisions(second.fields).find((path) => taken.has(path));
  if (clash !== undefined) {
    const scope = second.version === undefined ? 'the whole service' : `version ${second.version}`;
    throw new MeshError({
      construct: second.declarer,
      code: 'conflicting-policy',
      problem: `${clash} of ${scope}${second.port === undefined ? '' : ` at port ${second.port}`} is already set by ${first.declarer.node.path}`,
      fix: 'set it in one of the two, or for different versions or ports',
    });
  }
}
