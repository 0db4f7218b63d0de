import type { ClusterHttpProtocolOptions, Http1ProtocolOptions } from '../../envoy';
import { any } from '../../envoy';
import type { ProxySettings } from '../../model/proxy-settings';

/** HTTP/2 knows lower case only; Envoy's own headers have none to keep. */
const PRESERVING: Http1ProtocolOptions = {
  headerKeyFormat: { statefulFormatter: { name: 'preserve_case', typedConfig: any('PreserveCaseFormatterConfig', {}) } },
};

/**
 * Whoever reads a request must remember how its headers were written, and whoever writes it on must say so: listeners and clusters together
 * (https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/header_casing).
 */
export function emitHeaderCase({ headerCase }: ProxySettings): Http1ProtocolOptions {
  return headerCase ? PRESERVING : {};
}

/** The same for a cluster: in whichever of Envoy's ways to choose a protocol HTTP/1.1 stands. */
export function withHeaderCase(options: ClusterHttpProtocolOptions | undefined, { headerCase }: ProxySettings): ClusterHttpProtocolOptions | undefined {
  if (!headerCase) {
    return options;
  }
  const { explicitHttpConfig: explicit, useDownstreamProtocolConfig: downstream } = options ?? {};
  return {
    ...options,
    ...(explicit?.http2ProtocolOptions || downstream ? {} : { explicitHttpConfig: { httpProtocolOptions: { ...explicit?.httpProtocolOptions, ...PRESERVING } } }),
    ...(downstream && { useDownstreamProtocolConfig: { ...downstream, httpProtocolOptions: { ...downstream.httpProtocolOptions, ...PRESERVING } } }),
  };
}
