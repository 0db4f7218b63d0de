import type { DestinationRuleSpec, DestinationRuleSpecTrafficPolicyTls } from '../../../../../imports/istio/destination-rule.types';
import type { BackendTLSPolicySpec } from '../../../gateway-api';
import type { DestinationRule } from '../../../model/cluster';
import { serviceHost } from '../../../model/host';
import { Place } from '../../../model/place';
import type { Problem } from '../../../model/problem';
import type { Resource } from '../../../model/resource';
import { refOf } from '../../../model/resource';
import type { ObjectStatus } from '../../../model/status';
import { fails, holds } from '../../../model/status';
import { readDestinationRule } from '../destination-rule';
import { authorityName } from './certificates';
import type { Fault } from './references';
import type { World } from './world';
import { IGNORE, targetKey } from './world-index';

export interface PolicyReading {
  readonly resource: Resource;
  readonly destinationRules: readonly DestinationRule[];
  readonly statuses: readonly ObjectStatus[];
  readonly problems: readonly Problem[];
}

/** TLS towards backends, for all who call them: as Istio does it, a DestinationRule for each. */
export function readBackendTlsPolicy(resource: Resource, world: World): PolicyReading {
  const problems: Problem[] = [];
  const at = Place.of(refOf(resource), problems).at('spec');
  if (resource.metadata.annotations?.[IGNORE] === 'true') {
    return { resource, destinationRules: [], statuses: ignored(resource), problems };
  }
  const { targetRefs, validation } = resource.spec as BackendTLSPolicySpec;
  const tls = readValidation(validation, resource, world);
  if ('reason' in tls) {
    at.at('validation').problem(`${tls.message}: requests to the backend fail`);
  }
  if ((validation.caCertificateRefs?.length ?? 0) > 1) {
    at.at('validation').at('caCertificateRefs').at(1).problem('has no effect: as in Istio only the first one counts, put all authorities into its ca.crt', 'warning');
  }
  const readings = targetRefs.map((ref, i) => {
    const found = targetOf(ref, resource, world);
    const host = 'reason' in found ? found : conflictOf(ref, resource, world) ?? found;
    if ('reason' in host) {
      at.at('targetRefs').at(i).problem(`${host.message}: the policy has no effect there`);
    }
    // Who asks for TLS must never get plain text: an authority that is not there makes connections fail.
    const settings = 'reason' in tls ? { mode: 'SIMPLE' as const, sni: validation.hostname, credentialName: `configmap://${resource.metadata.namespace}/-` } : tls;
    return { ref, host, rules: 'reason' in host ? [] : readTarget(resource, host, { tls: settings, place: at }) };
  });
  return {
    resource,
    destinationRules: readings.flatMap((one) => one.rules),
    statuses: readings.map(({ ref, host }) => statusOf(resource, ref, conditionsOf('reason' in host ? host : undefined, 'reason' in tls ? tls : undefined))),
    problems,
  };
}

type TargetRef = BackendTLSPolicySpec['targetRefs'][number];

function ignored(resource: Resource): ObjectStatus[] {
  const condition = fails('Accepted', 'IgnoredByIstio', `Ignored by Istio due to annotation ${IGNORE}=true`);
  return (resource.spec as BackendTLSPolicySpec).targetRefs.map((ref) => statusOf(resource, ref, [condition]));
}

function statusOf(resource: Resource, { group, kind, name, sectionName }: TargetRef, conditions: ObjectStatus['conditions']): ObjectStatus {
  const { namespace } = resource.metadata;
  return { resource: refOf(resource), part: { of: 'parent', ref: { group, kind, namespace, name, sectionName } }, conditions };
}

interface Target {
  readonly hosts: readonly string[];
  readonly port?: number;
}

/** A Service, or by Istio's extension a ServiceEntry with all of its hosts. */
function targetOf({ group, kind, name, sectionName }: TargetRef, { metadata: { namespace } }: Resource, world: World): Target | Fault {
  const fault = (reason: string, message: string): Fault => ({ reason, message, path: '' });
  const isService = group === '' && kind === 'Service';
  if (!isService && !(group === 'networking.istio.io' && kind === 'ServiceEntry')) {
    return fault('TargetNotFound', `unsupported targetRef: group "${group}" kind "${kind}"`);
  }
  const entry = isService ? undefined : world.serviceEntry(`${namespace}/${name}`);
  const hosts = isService ? [serviceHost(name, namespace)] : (entry?.spec as { hosts?: string[] } | undefined)?.hosts ?? [];
  const services = hosts.flatMap((host) => world.service(host) ?? []);
  if (services.length === 0) {
    return fault('TargetNotFound', `targetRef ${kind} ${namespace}/${name} not found`);
  }
  const port = sectionName === undefined ? undefined : services[0].ports.find((one) => one.name === sectionName)?.number;
  return sectionName !== undefined && port === undefined
    ? fault('TargetNotFound', `${kind} ${namespace}/${name} has no port named "${sectionName}"`) : { hosts, port };
}

/** Of several policies for one target the oldest holds, of equally old ones the first by name. */
function conflictOf(ref: TargetRef, resource: Resource, world: World): Fault | undefined {
  const policies = world.policiesFor(targetKey(resource, ref));
  const stronger = policies.slice(0, Math.max(0, policies.indexOf(resource)))
    .find(({ spec }) => (spec as BackendTLSPolicySpec).targetRefs.some((one) => isSameTarget(one, ref)));
  return stronger && { reason: 'Conflicted', message: `Conflicts with BackendTLSPolicy "${stronger.metadata.name}" targeting the same backend`, path: '' };
}

function isSameTarget(a: TargetRef, b: TargetRef): boolean {
  return a.group === b.group && a.kind === b.kind && a.name === b.name && (a.sectionName ?? '') === (b.sectionName ?? '');
}

function readValidation(
  { hostname, subjectAltNames, caCertificateRefs, wellKnownCACertificates }: BackendTLSPolicySpec['validation'], resource: Resource, world: World,
): DestinationRuleSpecTrafficPolicyTls | Fault {
  const names = (subjectAltNames ?? []).flatMap(({ hostname: host, uri }) => host ?? uri ?? []);
  const settings = { mode: 'SIMPLE' as const, sni: hostname, subjectAltNames: names.length > 0 ? names : [hostname] };
  if (!caCertificateRefs?.length) {
    return wellKnownCACertificates === 'System' ? { ...settings, caCertificates: 'system' }
      : { reason: 'Invalid', message: `unknown wellKnownCACertificates "${wellKnownCACertificates ?? ''}"`, path: '' };
  }
  const authority = authorityName(caCertificateRefs.slice(0, 1), refOf(resource), world);
  return typeof authority === 'string' ? { ...settings, credentialName: authority } : authority;
}

function readTarget(
  resource: Resource, { hosts, port }: Target, { tls, place }: { readonly tls: DestinationRuleSpecTrafficPolicyTls; readonly place: Place },
): readonly DestinationRule[] {
  const trafficPolicy = port === undefined ? { tls } : { portLevelSettings: [{ port: { number: port }, tls }] };
  return hosts.flatMap((host) => {
    const spec: DestinationRuleSpec = { host, trafficPolicy };
    return readDestinationRule({ ...resource, spec }, place.at('validation'));
  });
}

function conditionsOf(target: Fault | undefined, authority: Fault | undefined): ObjectStatus['conditions'] {
  // What the system does not know leads nowhere, so that nothing is left to resolve.
  const unresolved = authority?.reason === 'Invalid' ? undefined : authority;
  const accepted = target ?? (unresolved ? { ...unresolved, reason: 'NoValidCACertificate' } : authority);
  return [
    accepted ? fails('Accepted', accepted.reason, accepted.message) : holds('Accepted', 'Accepted', 'Configuration is valid'),
    unresolved ? fails('ResolvedRefs', unresolved.reason === 'InvalidCACertificateKind' ? 'InvalidKind' : unresolved.reason, unresolved.message) : holds('ResolvedRefs', 'ResolvedRefs', 'Configuration is valid'),
  ];
}
