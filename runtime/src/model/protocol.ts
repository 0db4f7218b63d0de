/** Application protocols as Istio names them. `Auto` is a port that says nothing: the proxy looks at the first bytes. */
export type Protocol =
  | 'HTTP' | 'HTTP2' | 'GRPC' | 'GRPC-Web' | 'HTTP_PROXY'
  | 'HTTPS' | 'TLS'
  | 'TCP' | 'Mongo' | 'Redis' | 'MySQL'
  | 'UDP' | 'Auto';

const BY_NAME: Readonly<Record<string, Protocol>> = {
  'http': 'HTTP', 'http2': 'HTTP2', 'grpc': 'GRPC', 'grpc-web': 'GRPC-Web', 'http_proxy': 'HTTP_PROXY', 'https': 'HTTPS', 'tls': 'TLS',
  'tcp': 'TCP', 'mongo': 'Mongo', 'redis': 'Redis', 'mysql': 'MySQL', 'udp': 'UDP',
};

/** Values of `appProtocol` that Kubernetes defines itself. */
const KUBERNETES_NAMES: Readonly<Record<string, Protocol>> = { 'kubernetes.io/h2c': 'HTTP2', 'kubernetes.io/ws': 'HTTP', 'kubernetes.io/wss': 'HTTPS' };

/** Servers of these protocols speak first, so looking at the client's first bytes would wait for ever: SMTP, DNS, MySQL, MongoDB. */
const SERVER_FIRST_PORTS: ReadonlySet<number> = new Set([25, 53, 3306, 27017]);

/** Whether a protocol is known by that name; where none is written, the proxy looks. */
export function isKnownProtocol(name: string | undefined): boolean {
  return !name || Object.hasOwn(BY_NAME, name.toLowerCase());
}

export function parseProtocol(name: string | undefined): Protocol {
  const lower = (name ?? '').toLowerCase();
  return Object.hasOwn(BY_NAME, lower) ? BY_NAME[lower] : 'Auto';
}

/** The protocol of a port of a Kubernetes Service: `appProtocol`, else the first word of the port's name. */
export function portProtocol(port: { number: number; name?: string; appProtocol?: string; transport?: string }): Protocol {
  if (port.transport === 'UDP') {
    return 'UDP';
  }
  const kubernetes = KUBERNETES_NAMES[port.appProtocol ?? ''];
  if (kubernetes) {
    return kubernetes;
  }
  const name = (port.appProtocol ?? port.name ?? '').toLowerCase();
  const protocol = name.startsWith('grpc-web') ? 'GRPC-Web' : parseProtocol(name.split('-', 1)[0]);
  return protocol === 'Auto' && SERVER_FIRST_PORTS.has(port.number) ? 'TCP' : protocol;
}

export function isServerFirstPort(port: number): boolean {
  return SERVER_FIRST_PORTS.has(port);
}

export function isHttp(protocol: Protocol): boolean {
  return protocol === 'HTTP' || protocol === 'HTTP_PROXY' || isHttp2(protocol);
}

export function isHttp2(protocol: Protocol): boolean {
  return protocol === 'HTTP2' || protocol === 'GRPC' || protocol === 'GRPC-Web';
}

export function isTls(protocol: Protocol): boolean {
  return protocol === 'HTTPS' || protocol === 'TLS';
}

/** What a listener does with a port: HTTP, opaque TCP (TLS included), or look first. */
export function listenerProtocol(protocol: Protocol): 'HTTP' | 'TCP' | 'Auto' | 'none' {
  if (isHttp(protocol)) {
    return 'HTTP';
  }
  return protocol === 'Auto' ? 'Auto' : protocol === 'UDP' ? 'none' : 'TCP';
}
