import type { Listener, ListenerFilter, ListenerFilterChainMatchPredicate } from '../envoy';
import type { Call } from './call';
import { modelled, NotModelled } from './modelled';

/** What is known of a connection before a filter chain is chosen. */
export interface Inspection {
  readonly transport: 'tls' | 'raw_buffer';
  readonly application?: string;
  readonly sni?: string;
}

const TLS = 'envoy.filters.listener.tls_inspector';
const HTTP = 'envoy.filters.listener.http_inspector';
/** Where a connection was going, and who sent it, stands in the call. */
const KNOWN: ReadonlySet<string> = new Set([TLS, HTTP, 'envoy.filters.listener.original_dst', 'envoy.filters.listener.proxy_protocol']);

const PLAIN: Readonly<Record<Call['protocol'], string | undefined>> = { http: 'http/1.1', http2: 'h2c', tcp: undefined };

/** Runs the listener filters. Only inspectors that are on for the port see anything. */
export function inspect({ listenerFilters = [] }: Listener, call: Call): Inspection {
  const unknown = listenerFilters.find(({ name = '' }) => !KNOWN.has(name));
  if (unknown) {
    throw new NotModelled(`listener filter ${unknown.name}`);
  }
  const runs = (name: string): boolean => listenerFilters.some((filter) => filter.name === name && !isDisabled(filter, call.port));
  if (call.tls !== 'plaintext') {
    return runs(TLS) ? { transport: 'tls', application: call.alpn, sni: call.sni?.toLowerCase() } : { transport: 'raw_buffer' };
  }
  return { transport: 'raw_buffer', application: runs(HTTP) ? PLAIN[call.protocol] : undefined };
}

function isDisabled({ filterDisabled }: ListenerFilter, port: number): boolean {
  return filterDisabled !== undefined && holds(filterDisabled, port);
}

function holds(predicate: ListenerFilterChainMatchPredicate, port: number): boolean {
  const { orMatch, andMatch, notMatch, anyMatch, destinationPortRange } = modelled(predicate, 'filterDisabled', {
    decides: ['orMatch', 'andMatch', 'notMatch', 'anyMatch', 'destinationPortRange'],
  });
  if (destinationPortRange) {
    return port >= (destinationPortRange.start ?? 0) && port < (destinationPortRange.end ?? 0);
  }
  if (notMatch) {
    return !holds(notMatch, port);
  }
  return anyMatch ?? orMatch?.rules?.some((rule) => holds(rule, port)) ?? andMatch?.rules?.every((rule) => holds(rule, port)) ?? false;
}
