import type { HttpConnectionManager } from '../../envoy';
import {
  HttpConnectionManager_ForwardClientCertDetails as Forwarding, HttpConnectionManager_ServerHeaderTransformation as ServerHeader, bool, uint32,
} from '../../envoy';
import type { MeshSettings } from '../../model/mesh';
import type { ClientCertificateDetails, ClientCertificateForwarding, ProxySettings } from '../../model/proxy-settings';
import { emitHeaderCase } from './header-case';

/** Addresses of networks that are nobody's outside; RFC 1918, RFC 4193 and loopback. */
const PRIVATE = [['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16], ['127.0.0.0', 8], ['::1', 128], ['fd00::', 8]] as const;

/** Gateways tell all that they know of a client. */
const EDGE_DETAILS: ClientCertificateDetails = { subject: true, cert: true, chain: false, dns: true, uri: true };

/** Whose headers count. An application's own `x-envoy-*` headers do, those of the outside do not. */
export function emitTrust(side: 'outbound' | 'inbound' | 'edge', proxy: ProxySettings): HttpConnectionManager {
  switch (side) {
    case 'outbound':
      return {
        useRemoteAddress: bool(true),
        internalAddressConfig: { cidrRanges: PRIVATE.map(([addressPrefix, bits]) => ({ addressPrefix, prefixLen: uint32(bits) })) },
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
