import { Construct } from 'constructs';
import { AuthorizationPolicy } from '../../imports/istio/authorization-policy';
import type { AuthorizationPolicySpec } from '../../imports/istio/authorization-policy.types';
import type { AccessCaller, AccessRule, AccessSource } from '../access-rule';
import type { ICallable, IGateway, IMeshService } from '../mesh-member';
import { AppRegistry } from './app-registry';
import { principalsOf } from './caller-accounts';
import { callersOf, callersOutside } from './declared-calls';
import { lateSpec } from './late-spec';
import { defined, isPlain } from './merge';
import { allowedPeers, NO_PEERS, peersOf, type Peers } from './network-peers';
import { MeshObject } from './plain-print';
import { podPorts } from './pod-ports';
import type { GuardedGateway, PolicyPlace, Subject } from './policy-place';

/** What proxies offer themselves, for probes and metrics: Istio's 15020, 15021 and 15090. */
const PROXY_PORTS = [15020, 15021, 15090];

const ACCESS = 'access';

interface Metadata {
  readonly name: string;
  readonly namespace: string;
}

/** A namespace in which nobody may call anybody, until something says otherwise. */
export function denyByDefault(scope: Construct, metadata: Metadata): void {
  new AuthorizationPolicy(scope, 'authorization-policy', { metadata, spec: {} });
  networkPolicy(scope, metadata, () => ({ podSelector: {}, policyTypes: ['Ingress'], ingress: [{ ports: numbered(PROXY_PORTS) }] }));
}

/** Lets in those who declare to call a service or gateway, by their identity and by the address of their pods. */
export class DeclaredAccess extends Construct {
  /** A policy says who may call a service or a gateway, instead of what is declared; elsewhere its callers come in addition. */
  static yieldTo(place: PolicyPlace, rules: readonly AccessRule[], construct: Construct): void {
    const registry = AppRegistry.of(construct);
    registry.allowances.push({ place, rules });
    registry.changes += 1;
    const derived = (place.service ?? place.gateway)?.node.tryFindChild(ACCESS);
    derived?.node.tryRemoveChild('authorization-policy');
    if (derived !== undefined && place.service !== undefined) {
      const { service } = place;
      construct.node.addValidation({
        validate: () => refusedCallers(service).map((caller) =>
          `${construct.node.id}: ${caller} declares to call ${service.name}, and no rule of \`allow\` is for it; add it to \`from\` of one, or take the call away`),
      });
    }
  }

  ofService(service: IMeshService): void {
    const metadata = { name: `${service.name}-callers`, namespace: service.namespace };
    const { requests, connections } = podPorts([service]);
    const ports = [...requests, ...connections];
    this.authorize(metadata, () => ({
      selector: { matchLabels: service.podLabels },
      rules: ruled(principalsOf(callersOf(service), this).sort(), ports),
    }));
    networkPolicy(this, metadata, () => lettingIn(service.podLabels, this.withAllowed(service, peersOf(callersOf(service))), ports));
  }

  /** A gateway is there for everybody who reaches it. */
  ofGateway(gateway: IGateway): void {
    const metadata = { name: `${gateway.name}-callers`, namespace: gateway.namespace };
    this.authorize(metadata, () => ({ ...gateway.policyPlace(this).selection, rules: [{}] }));
    networkPolicy(this, metadata, () => {
      const ports = gateway.podPorts;
      return lettingIn(gateway.pods!.labels, 'everybody', [...ports.requests, ...ports.connections]);
    });
  }

  /** Without mutual TLS, connections to an egress gateway carry no identity of the mesh: it is the network then that keeps others away. */
  ofEgress(egress: GuardedGateway, { allowed, knowsCallers }: { readonly allowed: () => readonly ICallable[]; readonly knowsCallers: boolean }): void {
    const metadata = { name: `${egress.name}-callers`, namespace: egress.namespace };
    const { selection: { selector } } = egress.policyPlace(this);
    const ports = (): number[] => [...egress.podPorts.requests, ...egress.podPorts.connections];
    const open = (): number[] => (knowsCallers ? [...egress.podPorts.connections] : ports());
    this.authorize(metadata, () => ({
      selector,
      rules: [
        ...(knowsCallers ? ruled(principalsOf(callersOutside(allowed(), this), this).sort(), egress.podPorts.requests) ?? [] : []),
        ...(open().length > 0 ? [{ to: [{ operation: { ports: open().map(String) } }] }] : []),
      ],
    }));
    networkPolicy(this, metadata, () => lettingIn(selector!.matchLabels!, this.withAllowed(egress, peersOf(callersOutside(allowed(), this))), ports()));
  }

  private withAllowed(subject: Subject, declared: Peers): Peers {
    const rules = AppRegistry.of(this).allowances.filter(({ place }) => place.covers(subject)).flatMap((allowance) => allowance.rules);
    return allowedPeers(rules, declared);
  }

  private authorize(metadata: Metadata, spec: () => AuthorizationPolicySpec): void {
    new AuthorizationPolicy(this, 'authorization-policy', { metadata, spec: lateSpec(this, () => defined(spec())) });
  }
}

/** Those who declare to call a service, and whom the policies that stand in for that do not let in. What is no service is taken for anybody. */
function refusedCallers(service: IMeshService): string[] {
  const { allowances } = AppRegistry.of(service);
  const rules = allowances.filter(({ place }) => place.covers(service)).flatMap((allowance) => allowance.rules);
  const admits = (rule: AccessRule, caller: AccessCaller): boolean => rule.from?.some((source) => (isPlain(source) && !('service' in source)
    ? (source as AccessSource).services?.some((one) => subjectOf(one) === subjectOf(caller)) ?? (source as AccessSource).namespaces?.includes(subjectOf(caller).namespace) ?? true
    : subjectOf(source as AccessCaller) === subjectOf(caller))) ?? true;
  return callersOf(service).filter((caller) => !rules.some((rule) => admits(rule, caller))).map((caller) => subjectOf(caller).name);
}

function subjectOf(caller: AccessCaller): IMeshService | IGateway {
  return 'service' in caller ? caller.service : caller;
}

/** No rule at all lets nobody in. */
function ruled(principals: readonly string[], ports: readonly number[]): AuthorizationPolicySpec['rules'] {
  return principals.length === 0 ? undefined : [{ from: [{ source: { principals } }], to: [{ operation: { ports: ports.map(String) } }] }];
}

function networkPolicy(scope: Construct, metadata: Metadata, spec: () => object): void {
  new MeshObject(scope, 'network-policy', { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec: lateSpec(scope, spec) });
}

function lettingIn(labels: Readonly<Record<string, string>>, peers: Peers, ports: readonly number[]): object {
  const from = peers === 'everybody' ? undefined : peers;
  return {
    podSelector: { matchLabels: labels },
    policyTypes: ['Ingress'],
    ingress: from === NO_PEERS || from?.length === 0 ? [] : [defined({ from, ports: numbered(ports) })],
  };
}

function numbered(ports: readonly number[]): object[] {
  return ports.map((port) => ({ protocol: 'TCP', port }));
}
