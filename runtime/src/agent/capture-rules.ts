import type { CaptureOptions } from './capture';

/** How the proxy's own connections are told from the application's: by their mark, or by the proxy's user (and group). */
export type ProxyTraffic = { readonly mark: number } | { readonly user: number };

/** The tunnel port of ambient meshes, which Istio never captures. */
const TUNNEL_PORT = 15008;
/** The source of a proxy's connections to its own application. */
const INBOUND_SOURCE = '127.0.0.6/32';
const LOOPBACK = '127.0.0.1/32';

/**
 * The rules of capture in the format of `iptables-restore`, with Istio's chains, for IPv4. They fill the table `nat`; with
 * `--noflush` and `jumps: false` they replace what an earlier run left.
 */
export function emitCaptureRules(options: CaptureOptions, proxy: ProxyTraffic, { jumps = true } = {}): string {
  const lines = options.mode === 'NONE' ? [] : [
    ':ISTIO_INBOUND - [0:0]', ':ISTIO_IN_REDIRECT - [0:0]', ':ISTIO_OUTPUT - [0:0]', ':ISTIO_REDIRECT - [0:0]',
    ...(jumps ? builtInChains(options) : []),
    `-A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports ${options.outboundPort}`,
    `-A ISTIO_IN_REDIRECT -p tcp -j REDIRECT --to-ports ${options.inboundPort}`,
    ...inbound(options),
    ...outbound(options, proxy),
  ];
  return ['*nat', ...lines, 'COMMIT', ''].join('\n');
}

function builtInChains(options: CaptureOptions): string[] {
  const { excludeInterfaces, rerouteInterfaces, includeOutboundRanges, includeInboundPorts } = options;
  return [
    // Traffic of virtual machines in the pod: out through the proxy if it goes where the pod's own would.
    ...rerouteInterfaces.flatMap((name) => [
      ...includeOutboundRanges.map((range) => `-A PREROUTING -i ${name} ${range === '*' ? '' : `-d ${range} `}-j ISTIO_REDIRECT`),
      `-A PREROUTING -i ${name} -j RETURN`,
    ]),
    ...excludeInterfaces.flatMap((name) => [`-A PREROUTING -i ${name} -j RETURN`, `-A OUTPUT -o ${name} -j RETURN`]),
    ...(includeInboundPorts.length > 0 ? ['-A PREROUTING -p tcp -j ISTIO_INBOUND'] : []),
    '-A OUTPUT -j ISTIO_OUTPUT',
  ];
}

function inbound({ includeInboundPorts, excludeInboundPorts }: CaptureOptions): string[] {
  const tunnel = `-A ISTIO_INBOUND -p tcp --dport ${TUNNEL_PORT} -j RETURN`;
  if (!includeInboundPorts.includes('*')) {
    return [tunnel, ...includeInboundPorts.map((port) => `-A ISTIO_INBOUND -p tcp --dport ${port} -j ISTIO_IN_REDIRECT`)];
  }
  return [
    tunnel,
    ...excludeInboundPorts.map((port) => `-A ISTIO_INBOUND -p tcp --dport ${port} -j RETURN`),
    '-A ISTIO_INBOUND -p tcp -j ISTIO_IN_REDIRECT',
  ];
}

function outbound(options: CaptureOptions, proxy: ProxyTraffic): string[] {
  const ranges = options.includeOutboundRanges;
  const loopbackToo = ranges.some((range) => range.startsWith('127.'));
  return [
    ...options.excludeOutboundPorts.flatMap((port) => ['tcp', 'udp'].map((protocol) => `-A ISTIO_OUTPUT -p ${protocol} --dport ${port} -j RETURN`)),
    `-A ISTIO_OUTPUT -o lo -s ${INBOUND_SOURCE} -j RETURN`,
    ...proxyMatches(proxy).flatMap(({ is, isNot }) => [
      // The application called its own service: the proxy, as the client's, hands over to itself, as the server's.
      `-A ISTIO_OUTPUT -o lo ! -d ${LOOPBACK} -p tcp ! --dport ${TUNNEL_PORT} ${is} -j ISTIO_IN_REDIRECT`,
      // The application called itself by the pod's address.
      ...(loopbackToo ? [] : [`-A ISTIO_OUTPUT -o lo ${isNot} -j RETURN`]),
      `-A ISTIO_OUTPUT ${is} -j RETURN`,
    ]),
    `-A ISTIO_OUTPUT -d ${LOOPBACK} -j RETURN`,
    ...options.excludeOutboundRanges.map((range) => `-A ISTIO_OUTPUT -d ${range} -j RETURN`),
    ...options.includeOutboundPorts.map((port) => `-A ISTIO_OUTPUT -p tcp --dport ${port} -j ISTIO_REDIRECT`),
    ...(ranges.includes('*')
      ? ['-A ISTIO_OUTPUT -j ISTIO_REDIRECT']
      : ranges.map((range) => `-A ISTIO_OUTPUT -d ${range} -j ISTIO_REDIRECT`)),
  ];
}

function proxyMatches(proxy: ProxyTraffic): { readonly is: string; readonly isNot: string }[] {
  if ('mark' in proxy) return [{ is: `-m mark --mark ${proxy.mark}`, isNot: `-m mark ! --mark ${proxy.mark}` }];
  return ['uid', 'gid'].map((kind) => ({
    is: `-m owner --${kind}-owner ${proxy.user}`,
    isNot: `-m owner ! --${kind}-owner ${proxy.user}`,
  }));
}
