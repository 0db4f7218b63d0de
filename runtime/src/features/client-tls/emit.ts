import type { CertificateValidationContext, CommonTlsContext, TlsParameters, UpstreamTlsContext } from '../../envoy';
import { SubjectAltNameMatcher_SanType, any } from '../../envoy';
import { isHttp } from '../../model/protocol';
import type { ClusterContext, ClusterFragment, Emitter, SecretRef } from '../emitter';
import { secretConfig } from '../secret-config';
import { emitTlsLimits } from '../tls-limits';
import type { TlsDefaults } from '../tls-parameters';
import { tlsDefaults } from '../tls-parameters';
import type { ClientTls } from './model';
import { clientTls } from './model';

export const clientTlsEmitter: Emitter = {
  cluster(settings, context) {
    const value = settings.get(clientTls);
    // A Secret of a gateway is not for the sidecars that the rule reaches too: those open no TLS, as in Istio. Full names are for everybody.
    const isForOthers = value !== undefined && value !== 'plain' && !context.mayUseSecrets && secretsOf(value).some(({ secret }) => !secret.includes('://'));
    const none = value === undefined || value === 'plain' || context.opaque || context.direction === 'inbound' || isForOthers;
    return none ? {} : emitTls(value, context);
  },
};

function emitTls(asked: ClientTls, context: ClusterContext): ClusterFragment {
  // A policy that lists names overrides those of the ServiceEntry.
  const value: ClientTls = asked.subjectAltNames.length > 0 ? asked : { ...asked, subjectAltNames: context.subjectAltNames ?? [] };
  const tls: UpstreamTlsContext = {
    commonTlsContext: {
      tlsParams: emitLimits(context.mesh.get(tlsDefaults)),
      ...emitCertificate(value),
      ...emitTrust(value, context),
      ...(context.http2 && { alpnProtocols: ['h2'] }),
    },
    ...(value.sni && { sni: value.sni }),
  };
  const socket = { name: 'envoy.transport_sockets.tls', typedConfig: any('UpstreamTlsContext', tls) };
  return {
    cluster: { transportSocket: socket },
    ...((isHttp(context.protocol) || context.protocol === 'Auto') && emitRequestName(asked, context)),
    secrets: secretsOf(value),
  };
}

/**
 * Without a name of its own, the name of the request is both asked for and checked: besides the names of a ServiceEntry, instead of those of a policy.
 * Where the request's host is who is called, it is checked in any case (pilot/pkg/networking/core/cluster_tls.go, `setAutoSniAndAutoSanValidation`).
 */
function emitRequestName({ sni, subjectAltNames, trust }: ClientTls, { looksUpHosts }: ClusterContext): ClusterFragment {
  const checked = trust !== 'anything' && (looksUpHosts === true || (!sni && subjectAltNames.length === 0));
  return sni && !checked ? {} : { http: { upstreamHttpProtocolOptions: { ...(!sni && { autoSni: true }), ...(checked && { autoSanValidation: true }) } } };
}

/** Of MeshConfig's defaults the least version is for servers only, as in Istio. */
function emitLimits({ cipherSuites, ecdhCurves }: TlsDefaults = {}): TlsParameters {
  return emitTlsLimits({ cipherSuites, ecdhCurves });
}

function emitCertificate(value: ClientTls): CommonTlsContext {
  if (!value.certificate) {
    return {};
  }
  return 'secret' in value.certificate
    ? { tlsCertificateSdsSecretConfigs: [secretConfig({ secret: value.certificate.secret, part: 'certificate' })] }
    : { tlsCertificates: [{ certificateChain: { filename: value.certificate.chain }, privateKey: { filename: value.certificate.key } }] };
}

function emitTrust(value: ClientTls, context: ClusterContext): CommonTlsContext {
  const names: CertificateValidationContext = value.subjectAltNames.length === 0 ? {} : {
    matchTypedSubjectAltNames: value.subjectAltNames.flatMap((exact) => [
      { sanType: SubjectAltNameMatcher_SanType.DNS, matcher: { exact } },
      { sanType: SubjectAltNameMatcher_SanType.URI, matcher: { exact } },
    ]),
  };
  if (value.trust === 'anything') {
    return {};
  }
  if (typeof value.trust === 'object' && 'secret' in value.trust) {
    return {
      combinedValidationContext: {
        defaultValidationContext: names,
        validationContextSdsSecretConfig: secretConfig({ secret: value.trust.secret, part: 'authority' }),
      },
    };
  }
  const filename = value.trust === 'system' ? context.systemTrust : value.trust.file;
  return { validationContext: { trustedCa: { filename }, ...names, ...(value.crl && { crl: { filename: value.crl } }) } };
}

function secretsOf(value: ClientTls): SecretRef[] {
  const refs: SecretRef[] = [];
  if (typeof value.trust === 'object' && 'secret' in value.trust) {
    refs.push({ secret: value.trust.secret, part: 'authority' });
  }
  if (value.certificate && 'secret' in value.certificate) {
    refs.push({ secret: value.certificate.secret, part: 'certificate' });
  }
  return refs;
}
