import { Construct } from 'constructs';
import { AuthorizationPolicy } from '../imports/istio/authorization-policy';
import type { AuthorizationPolicySpec } from '../imports/istio/authorization-policy.types';
import type { AccessRule, CustomRule } from './access-rule';
import type { ExternalAuthorizer } from './external-authorizer';
import { MeshError } from './mesh-error';
import type { PolicyTarget } from './policy-target';
import { renderAccessRule } from './private/access-rules';
import { DeclaredAccess } from './private/declared-access';
import { invalid } from './private/invalid-value';
import { lateSpec } from './private/late-spec';
import { recordLocation } from './private/location';
import { defined } from './private/merge';
import { MeshSettings } from './private/mesh-settings';
import { checkObjectName, unusedId } from './private/names';
import type { PolicyPlace } from './private/policy-place';
import { placeOf } from './private/target-place';

/** Calls that an authorizer outside the proxy decides about. */
export interface CustomAccess {
  /** Who is asked: an {@link ExternalAuthorizer}. Writes `provider`. */
  readonly provider: ExternalAuthorizer;
  /**
   * The calls that it is asked about; the others go on without it.
   * @default all
   */
  readonly rules?: readonly CustomRule[];
}

/** What is decided, in the order in which it is: `custom`, `deny`, `allow`; `audit` decides nothing. */
export interface AccessDecisions {
  /**
   * Calls that an authorizer decides about; what it refuses is refused. Writes `action: CUSTOM`.
   * @default none
   */
  readonly custom?: CustomAccess;
  /**
   * Calls that are refused, `[{}]` for all. Writes `action: DENY`.
   * @default none
   */
  readonly deny?: readonly AccessRule[];
  /**
   * Calls that are let in, `[{}]` for all and `[]` for none. As soon as something allows calls, all others are refused, as in Istio. With
   * `Access.DECLARED` it says who may call the service or gateway instead of `calls`. Writes `action: ALLOW`.
   * @default all, or with `Access.DECLARED` those that are declared
   */
  readonly allow?: readonly AccessRule[];
  /**
   * Calls that are to be recorded, by those who support it. Writes `action: AUDIT`.
   * @default none
   */
  readonly audit?: readonly AccessRule[];
  /**
   * Whether `deny` and `allow` are only tried out: nothing is refused, and logs say what would be. Writes the annotation `istio.io/dry-run`.
   * @default false
   */
  readonly dryRun?: boolean;
}

/** Whom a policy protects, and what it decides. */
export type AccessPolicyProps = PolicyTarget & AccessDecisions;

/**
 * Who may call a service, a gateway, the services of a namespace or of the whole mesh. Writes an AuthorizationPolicy with the construct's id as
 * its name, or one for each of several actions, called `ID-allow` and so on. What is refused gets 403 with `RBAC: access denied`, and on ports
 * that are not HTTP the connection is closed.
 *
 * @example
 * new AccessPolicy(mesh, 'admin-only', {
 *   service: cart,
 *   allow: [{ from: [web], methods: ['GET'] }, { from: [{ namespaces: ['back-office'] }], methods: ['DELETE'], path: Path.prefix('/carts/') }],
 * });
 * new AccessPolicy(mesh, 'no-v3', { service: ratings, deny: [{ from: [reviews.version('v3')] }] });   // takes accountPerVersion: true
 */
export class AccessPolicy extends Construct {
  /** The AuthorizationPolicies, ordinary ApiObjects. */
  public readonly policies: AuthorizationPolicy[] = [];

  /**
   * @throws {@link MeshError} `invalid-value` for a policy without a decision, rules that hold for nobody, ports that do not exist, principals and
   * ranges of the wrong form; `inexpressible-match` for a path or text that policies cannot compare; `inexpressible-feature` for versions that
   * share an account and for gateways whose pods are not known; `unknown-host` for callers that do not exist
   */
  public constructor(scope: Construct, id: string, props: AccessPolicyProps) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    checkObjectName(id, this);
    const place = placeOf(props, this);
    const specs = this.specs(props, place);
    if (specs.length === 0) {
      throw invalid(this, 'decides nothing', 'give it `allow`, `deny`, `audit` or `custom`');
    }
    this.checkDryRun(props);
    if (props.allow !== undefined && !props.dryRun) {
      DeclaredAccess.yieldTo(place, props.allow, this);
    }
    if (props.custom !== undefined) {
      props.custom.provider.askedBy(place);
    }
    for (const spec of specs) {
      spec(); // for the errors, while the user's line is on the stack
      const action = (spec().action ?? 'ALLOW').toLowerCase();
      const name = specs.length === 1 ? id : `${id}-${action}`;
      place.eachNamespace((namespace) => this.write(specs.length === 1 ? namespace : `${namespace}-${action}`, { name, namespace }, { spec, dryRun: props.dryRun }));
    }
  }

  private write(suffix: string, metadata: { readonly name: string; readonly namespace: string }, { spec, dryRun }: {
    readonly spec: () => AuthorizationPolicySpec; readonly dryRun?: boolean;
  }): AuthorizationPolicy {
    const annotations = dryRun ? { 'istio.io/dry-run': 'true' } : undefined;
    const policy = new AuthorizationPolicy(this, `policy-${suffix}`, { metadata: { ...metadata, ...(annotations && { annotations }) }, spec: lateSpec(this, spec) });
    this.policies.push(policy);
    return policy;
  }

  private specs({ allow, deny, audit, custom }: AccessPolicyProps, place: PolicyPlace): (() => AuthorizationPolicySpec)[] {
    if (deny?.length === 0 || audit?.length === 0 || custom?.rules?.length === 0) {
      throw invalid(this, `\`${deny?.length === 0 ? 'deny' : audit?.length === 0 ? 'audit' : 'custom.rules'}\` is empty, so it holds for no call`, 'write [{}] for every call, or leave it out');
    }
    const rules = (given: readonly AccessRule[]) => given.map((rule) => renderAccessRule(rule, place, this));
    return [
      ...(allow === undefined ? [] : [() => defined({ ...place.selection, rules: allow.length === 0 ? undefined : rules(allow) })]),
      ...(deny === undefined ? [] : [() => ({ ...place.selection, action: 'DENY' as const, rules: rules(deny) })]),
      ...(audit === undefined ? [] : [() => ({ ...place.selection, action: 'AUDIT' as const, rules: rules(audit) })]),
      ...(custom === undefined ? [] : [() => this.customSpec(custom, rules(custom.rules ?? [{}]), place)]),
    ];
  }

  /** Istio asks authorizers before it looks at identities and tokens. */
  private customSpec({ provider }: CustomAccess, rules: NonNullable<AuthorizationPolicySpec['rules']>, { selection }: PolicyPlace): AuthorizationPolicySpec {
    const known = MeshSettings.of(this).providerNames;
    if (!known.includes(provider?.name)) {
      throw new MeshError({
        construct: this, code: 'unknown-host', problem: `\`custom.provider\` is no ExternalAuthorizer of this App`, fix: `declare one${known.length > 0 ? `, or use ${known.join(', ')}` : ''}`,
      });
    }
    const source = rules.flatMap(({ from = [] }) => from).flatMap((one) => Object.keys(one.source ?? {})).find((field) => !/ipBlocks$/i.test(field));
    const key = rules.flatMap(({ when = [] }) => when).map((one) => one.key).find((one) => /^source\.(?!ip)|^request\.auth\./.test(one));
    if ((source ?? key) !== undefined) {
      throw new MeshError({
        construct: this, code: 'inexpressible-feature', problem: `\`custom\` has a rule about ${source ?? key}, and Istio asks authorizers before it knows that`,
        fix: 'let the authorizer decide about it: it is told the caller and the token; or refuse such calls with `deny`',
      });
    }
    return { ...selection, action: 'CUSTOM', provider: { name: provider.name }, rules };
  }

  private checkDryRun({ dryRun, allow, deny, audit, custom }: AccessPolicyProps): void {
    if (dryRun && (custom !== undefined || audit !== undefined || (allow ?? deny) === undefined)) {
      throw invalid(this, 'only `allow` and `deny` can be tried out with `dryRun`', 'make the others a policy of their own');
    }
  }
}
