import type { ApiObject } from 'cdk8s';
import type { AuthorizationPolicySpec, AuthorizationPolicySpecRules } from '../../imports/istio/authorization-policy.types';
import type { VirtualServiceSpec } from '../../imports/istio/virtual-service.types';
import type { IMeshService } from '../mesh-member';
import { asksForRequests } from './access-requests';
import type { AppRegistry } from './app-registry';
import { isPlain } from './merge';
import { MeshSettings } from './mesh-settings';
import { PeerModes } from './peer-modes';
import { podPorts } from './pod-ports';
import { PolicySelection } from './policy-selection';
import { namespaceOf, type Print } from './printed-object';
import { tlsModeErrors } from './tls-mode-checks';
import { TokenChecks } from './token-checks';

type Labels = Readonly<Record<string, string>>;
interface Target { readonly group?: string; readonly kind?: string; readonly name?: string }
interface Policy { readonly selector?: { readonly matchLabels?: Labels }; readonly targetRef?: Target; readonly targetRefs?: readonly Target[] }

const KINDS = new Set(['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication']);

/** Whether the security policies of an App, whoever wrote them, can do what they say: for pods that exist, by what their proxies see and know. */
export class SecurityChecks {
  constructor(private readonly registry: AppRegistry, private readonly roots: readonly string[]) {}

  errors(objects: readonly ApiObject[], print: Print): ReadonlyMap<ApiObject, string[]> {
    const { registry, roots } = this;
    const modes = new PeerModes(objects, print, roots);
    const found = tlsModeErrors(objects, print, { registry, modes });
    const accounts = new Set(objects.filter(({ kind }) => kind === 'ServiceAccount').map((object) => `${namespaceOf(object)}/${object.name}`));
    const selection = new PolicySelection(registry, objects);
    const tokens = new TokenChecks(objects, print, { registry, roots });
    const add = (object: ApiObject, errors: readonly string[]) => errors.length > 0 && found.set(object, [...found.get(object) ?? [], ...new Set(errors)]);
    for (const object of objects.filter(isReadable(print))) {
      if (object.apiVersion.startsWith('security.istio.io/') && KINDS.has(object.kind)) {
        const spec = (print(object).spec ?? {}) as Policy & AuthorizationPolicySpec;
        add(object, [...this.selectionErrors(object, spec, { selection, objects }), ...(object.kind === 'RequestAuthentication' ? this.requestErrors(object, spec) : [])]);
        add(object, object.kind === 'AuthorizationPolicy' ? [...this.policyErrors(object, spec, { modes, objects, print, accounts }), ...tokens.policy(object, spec)] : []);
      } else if (object.kind === 'VirtualService') {
        add(object, tokens.routes(object, (print(object).spec ?? {}) as VirtualServiceSpec, objects));
      }
    }
    return found;
  }

  /** A policy that is for no pods protects nobody. */
  private selectionErrors(object: ApiObject, spec: Policy, { selection, objects }: { readonly selection: PolicySelection; readonly objects: readonly ApiObject[] }): string[] {
    const namespace = namespaceOf(object);
    const labels = spec.selector?.matchLabels ?? {};
    const nobody = Object.keys(labels).length > 0 && !selection.finds(namespace, labels, this.roots.includes(namespace));
    const missing = [...spec.targetRefs ?? [], ...(spec.targetRef ? [spec.targetRef] : [])].filter(({ kind, name }) => kind !== 'GatewayClass' && selection.isOurs(namespace)
      && !objects.some((one) => one.kind === kind && one.name === name && namespaceOf(one) === namespace) && this.registry.holder(`gateway ${namespace}/${name}`) === undefined);
    return [
      ...(nobody ? [`${object.kind} ${object.name}: selects pods with ${text(labels)}, and ${namespace} has none; correct the labels, or declare the pods with MeshService.fromSelector`] : []),
      ...missing.map(({ kind, name }) => `${object.kind} ${object.name}: is for ${kind} ${name}, which does not exist in ${namespace}; correct the name, or declare it`),
    ];
  }

  private requestErrors(object: ApiObject, spec: Policy): string[] {
    const service = this.serviceOf(object, spec);
    return service === undefined || podPorts([service]).requests.length > 0 ? [] : [
      `RequestAuthentication ${object.name}: ${service.name} speaks ${protocols(service)}, where no tokens are seen; declare its port as Port.http, Port.http2 or Port.grpc`];
  }

  private policyErrors(object: ApiObject, spec: AuthorizationPolicySpec, { modes, objects, print, accounts }: {
    readonly modes: PeerModes; readonly objects: readonly ApiObject[]; readonly print: Print; readonly accounts: ReadonlySet<string>;
  }): string[] {
    const service = this.serviceOf(object, spec);
    const rules = Array.isArray(spec.rules) ? spec.rules : [];
    return [
      ...this.providerErrors(object, spec, { objects, print }),
      ...rules.flatMap((rule) => this.strangers(object, rule, accounts)),
      ...(service === undefined ? [] : rules.flatMap((rule) => [...connectionErrors(object, rule, service), ...identityErrors(object, rule, { service, modes })])),
    ];
  }

  private providerErrors(object: ApiObject, { action, provider }: AuthorizationPolicySpec, { objects, print }: {
    readonly objects: readonly ApiObject[]; readonly print: Print;
  }): string[] {
    const name = provider?.name;
    if (action !== 'CUSTOM' || name === undefined || MeshSettings.of(object).providerNames.includes(name)) {
      return [];
    }
    const raw = objects.filter(({ kind, name: own }) => kind === 'ConfigMap' && own.startsWith('istio'))
      .some((config) => String((print(config) as unknown as { data?: { mesh?: unknown } }).data?.mesh ?? '').includes(`name: ${name}`));
    return raw ? [] : [
      `AuthorizationPolicy ${object.name}: asks ${name}, which is no authorizer of the mesh, so every call would be refused; declare an ExternalAuthorizer, or ExternalAuthorizer.fromName`,
    ];
  }

  /** Accounts in a namespace that the mesh fills, which nobody has. */
  private strangers(object: ApiObject, { from = [] }: AuthorizationPolicySpecRules, accounts: ReadonlySet<string>): string[] {
    const named = from.flatMap(({ source }) => [...source?.principals ?? [], ...source?.notPrincipals ?? []]);
    return named.flatMap((principal) => {
      const [, namespace, account] = /\/ns\/([^/*]+)\/sa\/([^/*]+)$/.exec(String(principal)) ?? [];
      const known = namespace === undefined || account === 'default' || this.registry.holder(`namespace ${namespace}`) === undefined
        || accounts.has(`${namespace}/${account}`)
        || [...this.registry.services].some((service) => service.namespace === namespace && service.accounts.mayBe(account));
      return known ? [] : [`AuthorizationPolicy ${object.name}: names ${principal}, and ${namespace} has no such account; give the service itself, or correct the name`];
    });
  }

  /** The one service that a policy is for, if it is for one. */
  private serviceOf(object: ApiObject, { selector }: Policy): IMeshService | undefined {
    const labels = Object.entries(selector?.matchLabels ?? {});
    const found = labels.length === 0 ? [] : [...this.registry.services].filter(({ namespace, podLabels }) =>
      namespace === namespaceOf(object) && labels.some(([name, value]) => podLabels[name] === value) && labels.every(([name, value]) => (podLabels[name] ?? value) === value));
    return found.length === 1 ? found[0] : undefined;
  }
}

/** On ports for connections no request is seen: such a rule lets nobody in, or refuses everybody. */
function connectionErrors(object: ApiObject, rule: AuthorizationPolicySpecRules, service: IMeshService): string[] {
  const { requests, connections } = podPorts([service]);
  const operations = rule.to?.map(({ operation }) => operation) ?? [undefined];
  const wrong = operations.filter((operation) => asksForRequests({ from: rule.from, when: rule.when, operation }))
    .flatMap((operation) => (requests.length === 0 ? connections.map(String) : (operation?.ports ?? []).filter((port) => connections.includes(Number(port)))))[0];
  return wrong === undefined ? [] : [
    `${object.kind} ${object.name}: has a rule about requests for port ${wrong} of ${service.name}, where proxies see connections only (${protocols(service)}); `
    + 'leave methods, paths, hosts, headers and users out, or declare the port as Port.http, Port.http2 or Port.grpc'];
}

/** Without mutual TLS nobody is known by name. */
function identityErrors(object: ApiObject, { from = [], when = [] }: AuthorizationPolicySpecRules, { service, modes }: {
  readonly service: IMeshService; readonly modes: PeerModes;
}): string[] {
  const asks = from.some(({ source }) => Object.keys(source ?? {}).some((field) => /^(not)?(principals|namespaces|serviceAccounts|trustDomains)$/i.test(field)))
    || when.some(({ key }) => /^source\.(principal|namespace|serviceAccount|trustDomain)$/.test(key));
  const off = service.ports.map(({ targetPort }) => modes.of(service, targetPort));
  return !asks || off.some(({ mode }) => mode !== 'DISABLE') ? [] : [
    `${object.kind} ${object.name}: asks who calls ${service.name}, and PeerAuthentication ${off[0].by!.name} turns mutual TLS off, without which nobody is known; use Mtls.PERMISSIVE or STRICT`];
}

/** What the checks of fields refuse already may have any shape. */
function isReadable(print: Print): (object: ApiObject) => boolean {
  const isList = (value: unknown): boolean => value === undefined || Array.isArray(value);
  return (object) => {
    if (!KINDS.has(object.kind) && object.kind !== 'VirtualService') {
      return false;
    }
    const { rules, http, gateways, targetRefs } = (print(object).spec ?? {}) as Readonly<Record<string, unknown>>;
    const parts = [...(Array.isArray(rules) ? rules as unknown[] : []), ...(Array.isArray(http) ? http as unknown[] : [])];
    return [rules, http, gateways, targetRefs].every(isList) && parts.every((part) => isPlain(part)
      && ['from', 'to', 'when', 'match'].every((field) => isList(part[field]) && (part[field] as unknown[] | undefined ?? []).every(isPlain)));
  };
}

function protocols({ ports }: IMeshService): string {
  return ports.map(({ protocol, number }) => `${protocol} ${number}`).join(', ');
}

function text(labels: Labels): string {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`).join(', ');
}
