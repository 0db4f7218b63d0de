import type { DestinationRuleSpec, DestinationRuleSpecTrafficPolicyTls } from '../../../../../imports/istio/destination-rule.types';
import type { BackendTLSPolicySpec } from '../../../gateway-api';
import type { DestinationRule } from '../../../model/cluster';
import { serviceHost } from '../../../model/host';
import { Place } from '../../../model/place';
import type { Problem } from '../../../model/problem';
import type { Resource } from '../../../model/resource';
import type { ObjectStatus } from '../../../model/status';
import { fails, holds } from '../../../model/status';
import { readDestinationRule } from '../destination-rule';
import { refOf } from '../export-to';
import { authorityName } from './certificates';
import type { Fault } from './references';
import type { World } from './world';

export interface PolicyReading {
  readonly destinationRules: readonly DestinationRule[];
  readonly statuses: readonly ObjectStatus[];
  readonly problems: readonly Problem[];
}

/** TLS towards backends, for all who call them: as Istio does it, a DestinationRule for each. */
export function readBackendTlsPolicy(resource: Resource, world: World): PolicyReading {
  const problems: Problem[] = [];
  const at = Place.of(refOf(resource), problems).at('spec');
  const { targetRefs, validation } = resource.spec as BackendTLSPolicySpec;
  const tls = readValidation(validation, resource, world);
  if ('reason' in tls) {
    at.at('validation').problem(`${tls.message}: requests to the backend fail`);
  }
  const readings = targetRefs.map((ref, i) => {
    const host = hostOf(ref, resource, world);
    if ('reason' in host) {
      at.at('targetRefs').at(i).problem(`${host.message}: the policy has no effect there`);
    }
    // Who asks for TLS must never get plain text: an authority that is not there makes connections fail.
    const settings = 'reason' in tls ? { mode: 'SIMPLE' as const, sni: validation.hostname, credentialName: `configmap://${resource.metadata.namespace}/-` } : tls;
    return { ref, host, rules: 'reason' in host ? [] : readTarget(resource, host, { tls: settings, place: at }) };
  });
  return {
    destinationRules: readings.flatMap((one) => one.rules),
    statuses: readings.map(({ ref, host }): ObjectStatus => ({
      resource: refOf(resource),
      part: { of: 'parent', ref: { group: ref.group, kind: ref.kind, namespace: resource.metadata.namespace, name: ref.name, sectionName: ref.sectionName } },
      conditions: conditionsOf('reason' in host ? host : undefined, 'reason' in tls ? tls : undefined),
    })),
    problems,
  };
}

type Target = { readonly host: string; readonly port?: number };

function hostOf(ref: BackendTLSPolicySpec['targetRefs'][number], { metadata: { namespace } }: Resource, world: World): Target | Fault {
  const host = ref.group === '' && ref.kind === 'Service' ? serviceHost(ref.name, namespace) : undefined;
  const service = host === undefined ? undefined : world.service(host);
  const fault = (reason: string, message: string): Fault => ({ reason, message, path: '' });
  if (host === undefined) {
    return fault('InvalidKind', `unsupported targetRef: group "${ref.group}" kind "${ref.kind}"`);
  }
  if (!service) {
    return fault('TargetNotFound', `targetRef Service ${namespace}/${ref.name} not found`);
  }
  const port = ref.sectionName === undefined ? undefined : service.ports.find((one) => one.name === ref.sectionName)?.number;
  return ref.sectionName !== undefined && port === undefined
    ? fault('TargetNotFound', `Service ${namespace}/${ref.name} has no port named "${ref.sectionName}"`) : { host, port };
}

function readValidation(
  { hostname, subjectAltNames, caCertificateRefs, wellKnownCACertificates }: BackendTLSPolicySpec['validation'], resource: Resource, world: World,
): DestinationRuleSpecTrafficPolicyTls | Fault {
  const names = (subjectAltNames ?? []).flatMap(({ hostname: host, uri }) => host ?? uri ?? []);
  const settings = { mode: 'SIMPLE' as const, sni: hostname, subjectAltNames: names.length > 0 ? names : [hostname] };
  if (!caCertificateRefs?.length) {
    return wellKnownCACertificates === 'System' ? { ...settings, caCertificates: 'system' }
      : { reason: 'NoValidCACertificate', message: `unknown wellKnownCACertificates "${wellKnownCACertificates ?? ''}"`, path: '' };
  }
  const authority = authorityName(caCertificateRefs, refOf(resource), world);
  return typeof authority === 'string' ? { ...settings, credentialName: authority } : authority;
}

function readTarget(
  resource: Resource, { host, port }: Target, { tls, place }: { readonly tls: DestinationRuleSpecTrafficPolicyTls; readonly place: Place },
): readonly DestinationRule[] {
  const trafficPolicy = port === undefined ? { tls } : { portLevelSettings: [{ port: { number: port }, tls }] };
  const spec: DestinationRuleSpec = { host, trafficPolicy };
  return readDestinationRule({ ...resource, spec }, place.at('validation'));
}

function conditionsOf(target: Fault | undefined, authority: Fault | undefined): ObjectStatus['conditions'] {
  const accepted = target ?? (authority && { ...authority, reason: 'NoValidCACertificate' });
  return [
    accepted ? fails('Accepted', accepted.reason, accepted.message) : holds('Accepted', 'Accepted', 'Configuration is valid'),
    authority ? fails('ResolvedRefs', authority.reason, authority.message) : holds('ResolvedRefs', 'ResolvedRefs', 'Configuration is valid'),
  ];
}
