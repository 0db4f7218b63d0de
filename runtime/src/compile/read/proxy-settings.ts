import { parseDuration } from '../../features/duration';
import { readCount } from '../../features/number-range';
import type { MeshProxyConfig, MeshProxyHeaders } from '../../istio';
import type { Place } from '../../model/place';
import type { ClientCertificateDetails, ClientCertificateForwarding, ProxySettings } from '../../model/proxy-settings';
import { DEFAULT_PROXY_SETTINGS, SERVER_HEADER } from '../../model/proxy-settings';
import { readConnectionSettings } from './connection-settings';

const FORWARDINGS: readonly string[] = [
  'SANITIZE', 'FORWARD_ONLY', 'APPEND_FORWARD', 'SANITIZE_SET', 'ALWAYS_FORWARD_ONLY',
] satisfies ClientCertificateForwarding[];
const META = 'ISTIO_META_';

/** What a ProxyConfig, merged from all its places, means for traffic. */
export function readProxySettings(config: MeshProxyConfig, place: Place): ProxySettings {
  const { gatewayTopology: topology = {}, proxyHeaders: headers = {}, proxyMetadata = {} } = config;
  const at = place.at('gatewayTopology');
  const idleTimeout = parseDuration(proxyMetadata[`${META}IDLE_TIMEOUT`] ?? '');
  return {
    trustedProxies: readCount(topology.numTrustedProxies, at.at('numTrustedProxies')) ?? 0,
    proxyProtocol: topology.proxyProtocol !== undefined,
    edgeCertificates: readForwarding(topology.forwardClientCertDetails, at.at('forwardClientCertDetails')) ?? DEFAULT_PROXY_SETTINGS.edgeCertificates,
    sidecarCertificates: readForwarding(headers.forwardedClientCert, place.at('proxyHeaders').at('forwardedClientCert'))
      ?? DEFAULT_PROXY_SETTINGS.sidecarCertificates,
    certificateDetails: readDetails(headers.setCurrentClientCertDetails),
    http10: proxyMetadata[`${META}HTTP10`] === '1',
    ...(idleTimeout !== undefined && { idleTimeout }),
    ...readServerHeader(headers.server),
    requestId: !headers.requestId?.disabled,
    debugHeaders: !headers.envoyDebugHeaders?.disabled,
    forwardedPort: headers.xForwardedPort?.enabled ?? false,
    forwardedHost: headers.xForwardedHost?.enabled ?? false,
    attemptCount: !headers.attemptCount?.disabled,
    headerCase: headers.preserveHttp1HeaderCase ?? false,
    ...readConnectionSettings(config.connectionSettings, place.at('connectionSettings')),
  };
}

function readForwarding(text: string | undefined, place: Place): ClientCertificateForwarding | undefined {
  if (text === undefined || text === 'UNDEFINED') {
    return undefined;
  }
  if (!FORWARDINGS.includes(text)) {
    place.problem(`'${text}' is none of ${FORWARDINGS.join(', ')}: it is left out`);
    return undefined;
  }
  return text as ClientCertificateForwarding;
}

function readDetails(details: MeshProxyHeaders['setCurrentClientCertDetails']): ClientCertificateDetails {
  return { ...DEFAULT_PROXY_SETTINGS.certificateDetails, ...details };
}

function readServerHeader(server: MeshProxyHeaders['server']): Pick<ProxySettings, 'serverHeader'> {
  return server?.disabled ? {} : { serverHeader: server?.value || SERVER_HEADER };
}
