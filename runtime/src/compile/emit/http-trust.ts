import type { HttpConnectionManager, RouteConfiguration } from '../../envoy';
import {
  HttpConnectionManager_ForwardClientCertDetails as Forwarding, HttpConnectionManager_ServerHeaderTransformation as ServerHeader, bool, uint32,
} from '../../envoy';
import type { MeshSettings } from '../../model/mesh';
import type { ClientCertificateDetails, ClientCertificateForwarding, ProxySettings } from '../../model/proxy-settings';
import { SERVER_HEADER } from '../../model/proxy-settings';
import { emitHeaderCase } from './header-case';

/** Who connects to a listener for outgoing calls is the application of the pod, wherever that stands. */
const APPLICATION: HttpConnectionManager['internalAddressConfig'] = {
  unixSockets: true,
  cidrRanges: ['0.0.0.0', '::'].map((addressPrefix) => ({ addressPrefix, prefixLen: uint32(0) })),
};

/**
 * Envoy believes an application only where it looks at the connection's address, and Istio's sidecars do not: there `x-envoy-upstream-rq-timeout-ms`
 * counts only after `PILOT_SIDECAR_USE_REMOTE_ADDRESS` (istio/istio#14923), with which the callee sees `x-forwarded-for` and who is asked for over
 * `https` hears of `http` (istio/istio#15124). Here the application is believed and nothing else is touched, as Istio documents both: no address
 * is added, and what the application says of a proxy before it (`x-forwarded-proto`, `x-request-id`) stands.
 */
const BELIEVED: HttpConnectionManager = { skipXffAppend: true, xffNumTrustedHops: 1, preserveExternalRequestId: true };

/** Gateways tell all that they know of a client. */
const EDGE_DETAILS: ClientCertificateDetails = { subject: true, cert: true, chain: false, dns: true, uri: true };

/** Whose headers count. An application's own `x-envoy-*` headers do, those of the outside do not. */
export function emitTrust(side: 'outbound' | 'inbound' | 'edge', { proxy, switches }: MeshSettings): HttpConnectionManager {
  switch (side) {
    case 'outbound':
      return {
        useRemoteAddress: bool(true),
        internalAddressConfig: APPLICATION,
        ...(!switches.tellsCaller && BELIEVED),
        // Here the name that nobody chose is Envoy's own (pilot/pkg/networking/util/proxy_headers.go).
        ...(proxy.serverHeader !== SERVER_HEADER && emitServerHeader(proxy)),
      };
    case 'inbound':
      return {
        useRemoteAddress: bool(false),
        ...emitServerHeader(proxy),
        ...emitCertificates(proxy.sidecarCertificates, proxy.certificateDetails),
      };
    case 'edge':
      return {
        useRemoteAddress: bool(true),
        ...(proxy.trustedProxies > 0 && { xffNumTrustedHops: proxy.trustedProxies }),
        ...emitServerHeader(proxy),
        ...emitCertificates(proxy.edgeCertificates, EDGE_DETAILS),
      };
  }
}

/** How Envoy notes that it believes the caller is what Istio's sidecars do not send on. */
export function emitHiddenTrust({ switches }: Pick<MeshSettings, 'switches'>): Pick<RouteConfiguration, 'requestHeadersToRemove'> {
  return switches.tellsCaller ? {} : { requestHeadersToRemove: ['x-envoy-internal'] };
}

/** What is the same on all sides. */
export function emitManners({ switches, proxy }: MeshSettings): HttpConnectionManager {
  const { http10, requestId, forwardedPort } = proxy;
  const http1 = { ...((http10 || switches.http10) && { acceptHttp10: true }), ...emitHeaderCase(proxy) };
  return {
    ...(Object.keys(http1).length > 0 && { httpProtocolOptions: http1 }),
    ...(!requestId && { generateRequestId: bool(false) }),
    ...(forwardedPort && { appendXForwardedPort: true }),
  };
}

function emitServerHeader({ serverHeader }: ProxySettings): HttpConnectionManager {
  return serverHeader === undefined ? { serverHeaderTransformation: ServerHeader.PASS_THROUGH } : { serverName: serverHeader };
}

/** Envoy takes details only where it writes the header itself. */
function emitCertificates(forwarding: ClientCertificateForwarding, { subject, cert, chain, dns, uri }: ClientCertificateDetails): HttpConnectionManager {
  const writes = forwarding === 'APPEND_FORWARD' || forwarding === 'SANITIZE_SET';
  return {
    forwardClientCertDetails: Forwarding[forwarding],
    ...(writes && { setCurrentClientCertDetails: { subject: bool(subject), ...flags({ cert, chain, dns, uri }) } }),
  };
}

function flags(of: Readonly<Record<string, boolean>>): Readonly<Record<string, boolean>> {
  return Object.fromEntries(Object.entries(of).filter(([, set]) => set));
}
