import type {
  AuthorizationPolicySpec, AuthorizationPolicySpecRules, AuthorizationPolicySpecRulesFromSource, AuthorizationPolicySpecRulesToOperation,
  AuthorizationPolicySpecRulesWhen,
} from '../../../imports/istio/authorization-policy.types';
import type { Place } from '../model/place';
import type { Metadata } from '../model/resource';
import { readAttribute } from './rbac-attributes';
import type { CallAttribute, CallerAttribute, Condition, Conditions, RbacAction, RbacRule } from '../model/rbac-rule';
import { checkValue, doubtOf } from './rbac-values';

type Source = AuthorizationPolicySpecRulesFromSource;
type Operation = AuthorizationPolicySpecRulesToOperation;

const SOURCE: readonly (readonly [keyof Source, keyof Source, CallerAttribute])[] = [
  ['principals', 'notPrincipals', 'source.principal'],
  ['requestPrincipals', 'notRequestPrincipals', 'request.auth.principal'],
  ['namespaces', 'notNamespaces', 'source.namespace'],
  ['serviceAccounts', 'notServiceAccounts', 'source.serviceAccount'],
  ['trustDomains', 'notTrustDomains', 'source.trustDomain'],
  ['ipBlocks', 'notIpBlocks', 'source.ip'],
  ['remoteIpBlocks', 'notRemoteIpBlocks', 'remote.ip'],
];

const OPERATION: readonly (readonly [keyof Operation, keyof Operation, CallAttribute])[] = [
  ['hosts', 'notHosts', 'host'], ['methods', 'notMethods', 'method'], ['paths', 'notPaths', 'path'], ['ports', 'notPorts', 'destination.port'],
];

/**
 * The rules of a policy. What cannot be read fails closed: a rule that allows is left out whole; of every other rule the condition is left out,
 * so that it holds for more than was written.
 */
export function readRbacRules({ action = 'ALLOW', rules = [] }: AuthorizationPolicySpec, place: Place, { namespace, name }: Metadata): readonly RbacRule[] {
  return rules.flatMap((rule, i) => {
    const reader = new RuleReader(place.at('rules').at(i), namespace, action);
    const read = reader.read(rule);
    return reader.broken && action === 'ALLOW' ? [] : [{ name: `ns[${namespace}]-policy[${name}]-rule[${i}]`, ...read }];
  });
}

/** Reads one rule. */
class RuleReader {
  public broken = false;

  public constructor(private readonly place: Place, private readonly namespace: string, private readonly action: RbacAction) {}

  public read({ from, to, when = [] }: AuthorizationPolicySpecRules): Pick<RbacRule, 'callers' | 'calls'> {
    const conditions = when.map((one, i) => this.readWhen(one, this.place.at('when').at(i)));
    const ofCallers = conditions.flatMap((one) => one?.caller ?? []);
    const ofCalls = conditions.flatMap((one) => one?.call ?? []);
    const sources = this.readList(from, this.place.at('from'), (one, at) => this.readFields(SOURCE, one.source, at.at('source')));
    const operations = this.readList(to, this.place.at('to'), (one, at) => this.readFields(OPERATION, one.operation, at.at('operation')));
    return { callers: sources.map((one) => [...one, ...ofCallers]), calls: operations.map((one) => [...one, ...ofCalls]) };
  }

  /** What is not there holds for everything. A list that is empty is the same to Istio, for whom protobuf knows no difference, and is hardly meant. */
  private readList<T, A>(list: readonly T[] | undefined, place: Place, read: (item: T, place: Place) => Conditions<A>): Conditions<A>[] {
    if (list?.length === 0) {
      place.problem('is empty, so the rule holds for everything, as in Istio: leave it out if that is meant', 'warning');
    }
    return list?.length ? list.map((item, i) => read(item, place.at(i))) : [[]];
  }

  private readFields<S extends object, A extends CallerAttribute | CallAttribute>(
    fields: readonly (readonly [keyof S, keyof S, A])[], spec: S | undefined, place: Place,
  ): Conditions<A> {
    const listOf = (field: keyof S) => (spec?.[field] ?? []) as readonly string[];
    if (!fields.some(([field, notField]) => listOf(field).length + listOf(notField).length > 0)) {
      this.refuse(place, 'says nothing: leave the whole list out if everything is meant');
    }
    return fields.flatMap(([field, notField, of]) => this.readValues({ of, name: [], values: listOf(field), notValues: listOf(notField) },
      { values: place.at(String(field)), notValues: place.at(String(notField)) }));
  }

  private readWhen({ key, values = [], notValues = [] }: AuthorizationPolicySpecRulesWhen, place: Place):
  { caller?: Conditions<CallerAttribute>; call?: Conditions<CallAttribute> } | undefined {
    const attribute = readAttribute(key);
    if (typeof attribute === 'string') {
      this.refuse(place.at('key'), attribute);
      return undefined;
    }
    if (values.length + notValues.length === 0) {
      this.refuse(place, `has neither values nor notValues for ${key}: * stands for any value`);
      return undefined;
    }
    const places = { values: place.at('values'), notValues: place.at('notValues') };
    const { name } = attribute;
    return attribute.side === 'caller'
      ? { caller: this.readValues({ of: attribute.of, name, values, notValues }, places) }
      : { call: this.readValues({ of: attribute.of, name, values, notValues }, places) };
  }

  private readValues<A extends CallerAttribute | CallAttribute>(
    { of, name, values, notValues }: Condition<A>, places: { readonly values: Place; readonly notValues: Place },
  ): Condition<A>[] {
    const [wanted, unwanted] = [this.readable(of, values, places.values), this.readable(of, notValues, places.notValues)];
    // Something was wanted that nobody can read: the condition must not make the rule hold for less.
    const condition = { of, name, values: wanted.length < values.length ? [] : this.complete(of, wanted), notValues: this.complete(of, unwanted) };
    return condition.values.length + condition.notValues.length > 0 ? [condition] : [];
  }

  private readable(of: CallerAttribute | CallAttribute, values: readonly string[], place: Place): string[] {
    return values.filter((value, i) => {
      const wrong = checkValue(of, value);
      const odd = wrong ? undefined : doubtOf(of, value);
      if (wrong) {
        this.refuse(place.at(i), wrong);
      } else if (odd) {
        place.at(i).problem(odd, 'warning');
      }
      return !wrong;
    });
  }

  /** An account without a namespace is one of the policy's own. */
  private complete(of: CallerAttribute | CallAttribute, values: readonly string[]): readonly string[] {
    return of === 'source.serviceAccount' ? values.map((value) => (value.includes('/') ? value : `${this.namespace}/${value}`)) : values;
  }

  private refuse(place: Place, message: string): void {
    this.broken = true;
    place.problem(`${message}; ${this.action === 'ALLOW' ? 'the rule allows nothing until then' : `until then it is as if this were true of everything (${this.action})`}`);
  }
}
