import type { Permission, Principal, Policy } from '../envoy';
import type { MeshSettings } from '../model/mesh';
import { emitCall } from './rbac-call';
import { emitCaller } from './rbac-caller';
import type { CallAttribute, CallerAttribute, Conditions, RbacAction, RbacRule } from '../model/rbac-rule';
import { isHttpOnly } from '../model/rbac-rule';

export interface RbacContext {
  readonly action: RbacAction;
  readonly settings: MeshSettings;
  /** Connections that are not HTTP have no paths, methods, headers and tokens. */
  readonly carries: 'http' | 'bytes';
}

/**
 * The policies of Envoy that rules stand for, by name. On connections that are not HTTP, a rule with conditions on requests fails closed: one
 * that allows is left out, of every other the condition is left out, as in Istio (pilot/pkg/security/authz/model/model.go).
 */
export function emitRbacPolicies(rules: readonly RbacRule[], context: RbacContext): Readonly<Record<string, Policy>> {
  return Object.fromEntries(rules.flatMap((rule) => {
    const policy = emitPolicy(rule, context);
    return policy ? [[rule.name, policy]] : [];
  }));
}

function emitPolicy({ callers, calls }: RbacRule, { action, settings, carries }: RbacContext): Policy | undefined {
  const lost = carries === 'bytes' && [...callers, ...calls].flat().some(({ of }) => isHttpOnly(of));
  if (lost && action === 'ALLOW') {
    return undefined;
  }
  const seen = <A extends CallerAttribute | CallAttribute>(conditions: Conditions<A>): Conditions<A> =>
    (lost ? conditions.filter(({ of }) => !isHttpOnly(of)) : conditions);
  return {
    permissions: calls.map((one) => allCalls(seen(one))),
    principals: callers.map((one) => allCallers(seen(one), settings)),
  };
}

function allCallers(conditions: Conditions<CallerAttribute>, settings: MeshSettings): Principal {
  const ids = conditions.flatMap(({ of, name, values, notValues }): Principal[] => [
    ...(values.length > 0 ? [emitCaller(of, name, values, settings)] : []),
    ...(notValues.length > 0 ? [{ notId: emitCaller(of, name, notValues, settings) }] : []),
  ]);
  return ids.length === 0 ? { any: true } : ids.length === 1 ? ids[0] : { andIds: { ids } };
}

function allCalls(conditions: Conditions<CallAttribute>): Permission {
  const rules = conditions.flatMap(({ of, name, values, notValues }): Permission[] => [
    ...(values.length > 0 ? [emitCall(of, name, values)] : []),
    ...(notValues.length > 0 ? [{ notRule: emitCall(of, name, notValues) }] : []),
  ]);
  return rules.length === 0 ? { any: true } : rules.length === 1 ? rules[0] : { andRules: { rules } };
}
