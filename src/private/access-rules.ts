import type { IConstruct } from 'constructs';
import type {
  AuthorizationPolicySpecRules, AuthorizationPolicySpecRulesFrom, AuthorizationPolicySpecRulesFromSource, AuthorizationPolicySpecRulesToOperation, AuthorizationPolicySpecRulesWhen,
} from '../../imports/istio/authorization-policy.types';
import type { AccessCaller, AccessRule, AccessSource } from '../access-rule';
import { Claim } from '../claim';
import type { Header } from '../header';
import { MeshError } from '../mesh-error';
import { When } from '../when';
import { asksForRequests } from './access-requests';
import { checkAccountReference, checkPrincipal, checkRange } from './access-values';
import { listOf } from './alternatives';
import { principalsOf } from './caller-accounts';
import { invalid } from './invalid-value';
import { defined, isPlain } from './merge';
import { checkHost, checkNamespace } from './names';
import { checkWhole } from './number-range';
import type { PodPorts } from './pod-ports';
import type { PolicyPlace } from './policy-place';
import type { StringCondition } from './string-condition';

type Source = AuthorizationPolicySpecRulesFromSource;
type Operation = AuthorizationPolicySpecRulesToOperation;

/** One rule of a policy in Istio's words. Called when the policy is made, for the errors, and when it is printed. */
export function renderAccessRule(rule: AccessRule, place: PolicyPlace, construct: IConstruct): AuthorizationPolicySpecRules {
  refuseEmpty(rule, construct);
  const from = rule.from && renderFrom(rule.from, construct);
  const when = rule.when?.map((condition) => renderWhen(condition, construct));
  const operation = renderOperation(rule, place, construct);
  const to = withoutConnections(operation, { from, operation, when }, place.ports());
  return defined({ from, to: Object.keys(to).length === 0 ? undefined : [{ operation: to }], when: when?.length === 0 ? undefined : when });
}

function refuseEmpty(rule: AccessRule, construct: IConstruct): void {
  const empty = Object.entries(rule).find(([, value]) => Array.isArray(value) && value.length === 0);
  if (empty !== undefined) {
    throw invalid(construct, `\`${empty[0]}\` of a rule is empty, so it would hold for nobody`, 'leave it out where everything will do');
  }
}

/** Callers that are named by themselves share one entry, each other entry is its own. */
function renderFrom(from: readonly (AccessCaller | AccessSource)[], construct: IConstruct): AuthorizationPolicySpecRulesFrom[] {
  const callers = from.filter((one): one is AccessCaller => !isSource(one));
  const sources = from.filter(isSource).map((source) => ({ source: renderSource(source, construct) }));
  return [...(callers.length > 0 ? [{ source: { principals: principalsOf(callers, construct) } }] : []), ...sources];
}

function isSource(one: unknown): one is AccessSource {
  return isPlain(one) && !('service' in one);
}

function renderSource(source: AccessSource, construct: IConstruct): Source {
  const { services, notServices, principals, notPrincipals, ...others } = source;
  const rendered = defined({
    principals: joined(services && principalsOf(services, construct), principals?.map(checkPrincipal)),
    notPrincipals: joined(notServices && principalsOf(notServices, construct), notPrincipals?.map(checkPrincipal)),
    ...others,
  });
  const empty = Object.entries(source).find(([, value]) => Array.isArray(value) && value.length === 0);
  if (Object.keys(rendered).length === 0 || empty !== undefined) {
    throw invalid(construct, empty === undefined ? 'a source says nothing' : `\`${empty[0]}\` of a source is empty`, 'leave it out where anybody will do');
  }
  [others.ipBlocks, others.notIpBlocks, others.remoteIpBlocks, others.notRemoteIpBlocks].forEach((ranges) => ranges?.forEach(checkRange));
  [others.serviceAccounts, others.notServiceAccounts].forEach((accounts) => accounts?.forEach(checkAccountReference));
  [others.namespaces, others.notNamespaces].forEach((names) => names?.filter((name) => !name.includes('*')).forEach((name) => checkNamespace(name, construct)));
  const accounts = (rendered.serviceAccounts ?? rendered.notServiceAccounts) !== undefined;
  if (accounts && (rendered.principals ?? rendered.notPrincipals ?? rendered.namespaces ?? rendered.notNamespaces) !== undefined) {
    throw invalid(construct, 'a source has both accounts and principals or namespaces, which Istio refuses', 'give the services themselves, or make two entries of it');
  }
  return rendered;
}

function joined(first: readonly string[] | undefined, second: readonly string[] | undefined): readonly string[] | undefined {
  return first === undefined ? second : [...new Set([...first, ...second ?? []])];
}

function renderOperation(rule: AccessRule, place: PolicyPlace, construct: IConstruct): Operation {
  const { methods, notMethods, path, notPath, hosts, notHosts, ports, notPorts } = rule;
  return defined({
    hosts: hosts && withPorts(hosts, construct),
    notHosts: notHosts && withPorts(notHosts, construct),
    methods: methods?.map((method) => checkMethod(method, construct)),
    notMethods: notMethods?.map((method) => checkMethod(method, construct)),
    paths: path && listOf(path).map(({ pattern }) => pattern),
    notPaths: notPath && listOf(notPath).map(({ pattern }) => pattern),
    ports: ports?.map((port) => podPort(port, place, construct)),
    notPorts: notPorts?.map((port) => podPort(port, place, construct)),
  });
}

/** A client may say the port in `Host`; Istio's guide for such policies asks for both forms. */
function withPorts(hosts: readonly string[], construct: IConstruct): string[] {
  return hosts.flatMap((host) => {
    const [name, port] = host.split(':');
    checkHost(name, construct);
    return port !== undefined || name.startsWith('*') ? [host] : [host, `${host}:*`];
  });
}

function checkMethod(method: string, construct: IConstruct): string {
  if (!/^[A-Za-z-]+$/.test(method)) {
    throw invalid(construct, `"${method}" is no method`, 'write a method of HTTP such as GET');
  }
  return method.toUpperCase();
}

/** Users know the ports of a service; policies are about those of its pods. */
function podPort(number: number, { service, gateway }: PolicyPlace, construct: IConstruct): string {
  checkWhole(number, 'ports', construct, { min: 1, max: 65535 });
  const port = service?.ports.find((known) => known.number === number);
  const known = service?.ports.map((one) => one.number) ?? (gateway === undefined ? undefined : [...gateway.podPorts.requests, ...gateway.podPorts.connections]);
  if (known !== undefined && !known.includes(number)) {
    throw invalid(construct, `${(service ?? gateway)!.name} has no port ${number}; it has ${known.join(', ')}`, 'choose one of its ports, or leave `ports` out for all');
  }
  return String(port?.targetPort ?? number);
}

/**
 * On ports for connections Istio leaves out of a rule what only requests have, so that a rule which denies some requests would deny every
 * connection: such rules are kept to the ports for requests.
 */
function withoutConnections(operation: Operation, rule: Parameters<typeof asksForRequests>[0], { requests, connections }: PodPorts): Operation {
  if (operation.ports !== undefined || connections.length === 0 || !asksForRequests(rule)) {
    return operation;
  }
  return requests.length > 0 && operation.notPorts === undefined
    ? { ...operation, ports: requests.map(String) }
    : { ...operation, notPorts: [...new Set([...operation.notPorts ?? [], ...connections.map(String)])] };
}

function renderWhen(condition: When | Header | Claim, construct: IConstruct): AuthorizationPolicySpecRulesWhen {
  if (condition instanceof When) {
    const { key, values, negated } = condition;
    return negated ? { key, notValues: values } : { key, values };
  }
  const key = condition instanceof Claim ? `request.auth.claims${condition.brackets}` : `request.headers[${condition.name}]`;
  const { condition: text } = condition;
  const negated = text.kind === 'absent' || text.kind === 'not';
  const pattern = text.kind === 'absent' || text.kind === 'present' ? '*' : patternOf(text.kind === 'not' ? text.than : text, key, construct);
  return negated ? { key, notValues: [pattern] } : { key, values: [pattern] };
}

function patternOf(text: StringCondition, key: string, construct: IConstruct): string {
  if (text.kind === 'exact' && !/^\*|\*$/.test(text.value)) {
    return text.value;
  }
  if (text.kind === 'prefix') {
    return `${text.value}*`;
  }
  throw new MeshError({
    construct, code: 'inexpressible-match', problem: `the condition on ${key} is ${text.kind === 'exact' ? 'a text with * at an end' : 'a regular expression'}, which AuthorizationPolicy cannot express`,
    fix: 'compare it with exact texts or prefixes, or give several rules',
  });
}
