import type { FilterChainMatch, ListenerFilter, ListenerFilterChainMatchPredicate } from '../../envoy';
import type { PeerMode } from '../../model/peer';
import { HTTP_INSPECTOR, PLAIN_HTTP, TLS_INSPECTOR } from './outbound-listener';

/** One of the filter chains by which a port tells connections apart. */
export interface ChainForm {
  readonly match: Pick<FilterChainMatch, 'transportProtocol' | 'applicationProtocols'>;
  readonly carries: 'http' | 'bytes';
  /** Mutual TLS ends here. */
  readonly mutual?: boolean;
}

/** What clients of the mesh offer when they begin TLS, on connections that hold requests, and on others. */
const PEER_HTTP = ['istio-http/1.0', 'istio-http/1.1', 'istio-h2'];
const PEER_BYTES = ['istio-peer-exchange', 'istio'];
/** Nobody else's TLS begins like this: it is the application's own. */
export const PEER_PROTOCOLS = ['istio', 'istio-peer-exchange', ...PEER_HTTP];

const PLAIN = { transportProtocol: 'raw_buffer' } as const;
const TLS = { transportProtocol: 'tls' } as const;

/**
 * Istio's chains, in its order (pilot/pkg/networking/core/filterchain_options.go). Where callers may use mutual TLS, theirs is told from that
 * of applications by what they offer; where they must, any other TLS fails at the handshake.
 */
const FORMS: Readonly<Record<PeerMode, Readonly<Record<'HTTP' | 'TCP' | 'Auto', readonly ChainForm[]>>>> = {
  STRICT: {
    HTTP: [{ match: TLS, carries: 'http', mutual: true }],
    TCP: [{ match: TLS, carries: 'bytes', mutual: true }],
    Auto: [
      { match: { ...TLS, applicationProtocols: PEER_HTTP }, carries: 'http', mutual: true },
      { match: TLS, carries: 'bytes', mutual: true },
    ],
  },
  PERMISSIVE: {
    HTTP: [
      { match: { ...TLS, applicationProtocols: PEER_PROTOCOLS }, carries: 'http', mutual: true },
      { match: PLAIN, carries: 'http' },
    ],
    TCP: [
      { match: { ...TLS, applicationProtocols: PEER_PROTOCOLS }, carries: 'bytes', mutual: true },
      { match: TLS, carries: 'bytes' },
      { match: PLAIN, carries: 'bytes' },
    ],
    Auto: [
      { match: { ...TLS, applicationProtocols: PEER_HTTP }, carries: 'http', mutual: true },
      { match: { ...PLAIN, applicationProtocols: PLAIN_HTTP }, carries: 'http' },
      { match: { ...TLS, applicationProtocols: PEER_BYTES }, carries: 'bytes', mutual: true },
      { match: PLAIN, carries: 'bytes' },
      { match: TLS, carries: 'bytes' },
    ],
  },
  DISABLE: {
    HTTP: [{ match: PLAIN, carries: 'http' }],
    TCP: [{ match: PLAIN, carries: 'bytes' }],
    Auto: [
      { match: { ...PLAIN, applicationProtocols: PLAIN_HTTP }, carries: 'http' },
      { match: PLAIN, carries: 'bytes' },
    ],
  },
};

export function chainForms(mode: PeerMode, protocol: 'HTTP' | 'TCP' | 'Auto' | 'none'): readonly ChainForm[] {
  return protocol === 'none' ? [] : FORMS[mode][protocol];
}

/** TLS of a port's own that ends at the proxy. */
export function ownTlsForm(carries: ChainForm['carries']): ChainForm {
  return { match: TLS, carries };
}

/** Chains of one port; those without a port are for all others. */
export interface PortForms {
  readonly port?: number;
  readonly forms: readonly ChainForm[];
}

/**
 * What must be looked at before a chain can be chosen, and at which ports: a server that speaks first would wait for ever behind an inspector
 * that waits for the client.
 */
export function emitInspectors(ports: readonly PortForms[]): ListenerFilter[] {
  const needsTls = ({ forms }: PortForms) => forms.some(({ match }) => match.transportProtocol === 'tls');
  const needsHttp = ({ forms }: PortForms) => forms.some(({ match }) => match.applicationProtocols === PLAIN_HTTP);
  // The inspector of TLS goes first: what is TLS, the other one leaves alone.
  return [...atPorts(TLS_INSPECTOR, ports, needsTls), ...atPorts(HTTP_INSPECTOR, ports, needsHttp)];
}

function atPorts(inspector: ListenerFilter, ports: readonly PortForms[], needs: (port: PortForms) => boolean): ListenerFilter[] {
  const others = ports.find(({ port }) => port === undefined);
  const byDefault = others === undefined || needs(others);
  const named = ports.filter((one) => one.port !== undefined && needs(one) !== byDefault);
  if (named.length === 0) {
    return byDefault && ports.some(needs) ? [inspector] : [];
  }
  const listed = anyPort(named.map(({ port = 0 }) => port).sort((a, b) => a - b));
  return ports.some(needs) ? [{ ...inspector, filterDisabled: byDefault ? listed : { notMatch: listed } }] : [];
}

function anyPort(ports: readonly number[]): ListenerFilterChainMatchPredicate {
  const rules = ports.map((port) => ({ destinationPortRange: { start: port, end: port + 1 } }));
  return rules.length > 1 ? { orMatch: { rules } } : rules[0];
}
