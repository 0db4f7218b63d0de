import type { Problem } from '../../model/problem';
import { listenerProtocol } from '../../model/protocol';
import type { CallAttribute, CallerAttribute, RbacRule } from '../../model/rbac-rule';
import { isHttpOnly } from '../../model/rbac-rule';
import type { WorkloadPolicy } from '../../model/workload-policy';
import type { GuardedPort, PolicyContext } from '../emitter';
import type { Access } from './model';
import { access } from './model';

interface Judged {
  readonly policy: WorkloadPolicy;
  readonly access: Access;
  readonly rule: RbacRule;
  /** What of it connections do not have, in the words of the policy. */
  readonly requestsOnly: readonly string[];
}

const WORDS: Readonly<Partial<Record<CallAttribute | CallerAttribute, string>>> = {
  'host': 'hosts', 'method': 'methods', 'path': 'paths', 'request.auth.principal': 'requestPrincipals',
};

/**
 * Rules about requests at ports for connections, which have no paths, methods, hosts and tokens: one that denies holds as if it did not mention
 * them, one that allows never holds (https://istio.io/latest/docs/tasks/security/authorization/authz-tcp/).
 */
export function doubtsOfRules({ policies, ports }: PolicyContext): Problem[] {
  const forConnections = ports.filter(({ protocol }) => listenerProtocol(protocol) === 'TCP');
  const judged = forConnections.length === 0 ? [] : policies.flatMap(judge);
  const allowing = judged.filter((one) => one.access.action === 'ALLOW');
  return judged.filter(({ requestsOnly }) => requestsOnly.length > 0).flatMap((one) => {
    const reached = forConnections.filter((port) => concerns(one.rule, port));
    if (one.access.action !== 'ALLOW') {
      return reached.length > 0 ? [problem(one, reached, `${word(one)} every connection there that the rest of the rule fits`)] : [];
    }
    const elsewhere = ports.some((port) => concerns(one.rule, port) && !forConnections.includes(port));
    const closed = reached.filter((port) => !allowing.some(({ rule, requestsOnly }) => requestsOnly.length === 0 && concerns(rule, port)));
    return closed.length > 0 ? [problem(one, closed, 'the rule allows nothing there, and no other rule does: nobody can connect')]
      : reached.length > 0 && !elsewhere ? [problem(one, reached, 'the rule never holds')] : [];
  });
}

function judge(policy: WorkloadPolicy): Judged[] {
  const found = policy.features.get(access);
  return !found || found.dryRun ? [] : found.rules.map((rule) => {
    const lost = [...rule.callers, ...rule.calls].flat().filter(({ of }) => isHttpOnly(of));
    return { policy, access: found, rule, requestsOnly: [...new Set(lost.map(({ of }) => WORDS[of] ?? of))] };
  });
}

/** Whether some call that the rule is about goes to that port. */
function concerns({ calls }: RbacRule, { target }: GuardedPort): boolean {
  const port = String(target);
  return calls.some((conditions) => conditions.filter(({ of }) => of === 'destination.port').every(({ values, notValues }) =>
    (values.length === 0 || values.includes(port)) && !notValues.includes(port)));
}

function word({ access: { action } }: Judged): string {
  return action === 'DENY' ? 'it denies' : 'it audits';
}

function problem({ policy: { resource }, rule, requestsOnly }: Judged, ports: readonly GuardedPort[], consequence: string): Problem {
  const index = /rule\[(\d+)\]$/.exec(rule.name)?.[1] ?? '0';
  const where = ports.map(({ target, operation }) => `${target} (${operation})`).join(', ');
  return {
    resource, path: `spec.rules[${index}]`, severity: 'warning',
    message: `looks at ${requestsOnly.join(', ')}, which connections do not have, and ports of selected pods are for connections, not for requests: ${where}; ${consequence}; `
      + 'say in `to` which ports are meant, or name the protocol of the port (appProtocol: http) if it carries requests',
  };
}
