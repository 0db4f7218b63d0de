import type { IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';
import type { Port, Protocol } from '../port';
import { Tls } from '../tls';
import { AppRegistry } from './app-registry';
import type { GatewayPort } from './gateway-workload';
import type { HostRules } from './host-rules';
import { invalid } from './invalid-value';
import { hostAsName } from './names';
import { isProxyPort, isTls, namedPorts } from './ports';

interface ListenerProps {
  readonly hosts: readonly string[];
  readonly ports?: readonly (number | Port)[];
  readonly tls?: Tls | Readonly<Record<string, Tls>>;
  readonly redirectHttp?: boolean;
}

/** Where connections go: the rules of a host decide further. */
export interface ConnectionTarget {
  readonly rules: HostRules;
  readonly port: number;
}

/** The connections of a port, which say nothing but the port. */
export interface TcpRoute {
  readonly number: number;
  readonly protocol: 'tcp' | 'mongo';
  readonly tls?: Tls;
  readonly target: ConnectionTarget;
}

/** Connections that name the server they want, and otherwise keep to themselves. */
export interface TlsRoute {
  readonly number: number;
  readonly hosts: readonly string[];
  readonly target: ConnectionTarget;
}

/** One thing a gateway listens for: some hosts on one port, in Istio's words for protocols. */
export interface Listener {
  readonly name: string;
  readonly number: number;
  readonly protocol: 'HTTP' | 'HTTP2' | 'GRPC' | 'HTTPS' | 'TLS' | 'TCP' | 'MONGO';
  readonly hosts: readonly string[];
  readonly tls?: Tls;
  readonly redirect?: boolean;
}

const REQUEST_PROTOCOLS: readonly Protocol[] = ['http', 'http2', 'grpc', 'https', 'tls'];

/** What a gateway listens for: ports for requests, with or without TLS, ports for connections, and TLS that goes through. */
export class GatewayListeners {
  private readonly requests: readonly GatewayPort[];
  private readonly tcpRoutes = new Map<number, TcpRoute>();
  private readonly tlsRoutes: TlsRoute[] = [];

  constructor(private readonly gateway: IConstruct, private readonly props: ListenerProps) {
    const { hosts, ports, tls, redirectHttp } = props;
    if (redirectHttp && tls === undefined) {
      throw invalid(this.gateway, 'redirectHttp needs HTTPS to redirect to', 'give the gateway `tls`');
    }
    for (const host of tls === undefined || tls instanceof Tls ? [] : Object.keys(tls)) {
      if (!hosts.includes(host)) {
        throw invalid(this.gateway, `tls names ${host}, which the gateway does not answer for`, 'add it to `hosts`');
      }
    }
    this.requests = ports === undefined ? this.standardPorts() : ports.length === 0 ? [] : namedPorts(ports, gateway).map(({ name, port }) => this.requestPort(name, port));
    this.checkTls(redirectHttp ?? false);
  }

  /** Certificates that no port shows, and redirects that lead nowhere, are mistakes. */
  private checkTls(redirectHttp: boolean): void {
    const { tls, hosts } = this.props;
    if (tls !== undefined && !this.requests.some(({ protocol }) => protocol === 'https' || protocol === 'tls')) {
      throw invalid(this.gateway, 'has `tls`, but no port for HTTPS', 'add Port.https(443) to `ports`, or leave `ports` out for 80 and 443');
    }
    if (redirectHttp && !this.requests.some(({ protocol }) => protocol === 'http' || protocol === 'http2')) {
      throw invalid(this.gateway, 'redirectHttp needs a port for HTTP', 'add Port.http(80) to `ports`, or leave `ports` out for 80 and 443');
    }
    const bare = redirectHttp && tls !== undefined && !(tls instanceof Tls) ? hosts.find((host) => !(host in tls)) : undefined;
    if (bare !== undefined) {
      throw invalid(this.gateway, `redirectHttp sends requests for ${bare} to HTTPS, for which it has no certificate`, 'name the host in `tls`, or give it a gateway of its own');
    }
  }

  /** What a gateway of this name is silent about, for people: nothing is listened for, or nobody is there. */
  silence(name: string): string[] {
    if (this.listeners().length === 0) {
      return [`Gateway ${name} listens for nothing: give it \`host\`, or open a port with \`tcp\``];
    }
    return this.deadEnds().map((host) => `Gateway ${name} lets TLS for ${host} through to nobody: say where with \`tls(443, service, { hosts: ['${host}'] })\``);
  }

  /** True, or why requests for the host are not heard. */
  hears(host: string | undefined): true | string {
    const { hosts } = this.props;
    if (hosts.length === 0) {
      return 'there is a route, but the gateway answers for no host';
    }
    if (host !== undefined && !hosts.includes(host)) {
      return `there is a route for ${host}, but the gateway answers for ${hosts.join(', ')}`;
    }
    const heard = this.listeners().some((listener) => isAboutRequests(listener) && (host === undefined || listener.hosts.includes(host)));
    const through = this.requests.some(({ protocol }) => protocol === 'https' || protocol === 'tls') ? '; TLS that goes through has no requests: use `tls`' : '';
    return heard || `there is a route, but the gateway has no port for requests${through}`;
  }

  /** Opens a port for connections. */
  openTcp(route: TcpRoute): void {
    const { number } = route;
    this.checkFree(number);
    if (this.tcpRoutes.has(number) || this.ports().some((port) => port.number === number)) {
      throw this.taken(number, this.tcpRoutes.has(number) ? 'another service' : 'requests', 'choose another port: connections have no host to tell them apart');
    }
    this.tcpRoutes.set(number, route);
    AppRegistry.of(this.gateway).changes += 1;
  }

  /** Lets TLS for some names through to a service. */
  openTls(route: TlsRoute): void {
    const { number, hosts } = route;
    this.checkFree(number);
    const plain = this.ports().find((port) => port.number === number && port.protocol !== 'https' && port.protocol !== 'tls');
    if (plain !== undefined) {
      throw this.taken(number, plain.protocol === 'tcp' ? 'another service' : 'requests', 'choose another port for TLS');
    }
    const ended = this.listeners().find((listener) => listener.number === number && listener.tls?.terminates !== false && listener.hosts.some((host) => hosts.includes(host)));
    const twice = hosts.find((host) => this.tlsRoutes.some((other) => other.number === number && other.hosts.includes(host)));
    if (ended !== undefined || twice !== undefined) {
      throw this.taken(number, twice === undefined ? `${hosts.join(', ')} with a certificate of the gateway` : `${twice} and another service`,
        'give the host to one of the two, or use another port');
    }
    this.tlsRoutes.push(route);
    AppRegistry.of(this.gateway).changes += 1;
  }

  tcp(): readonly TcpRoute[] {
    return [...this.tcpRoutes.values()];
  }

  tls(): readonly TlsRoute[] {
    return this.tlsRoutes;
  }

  /** Names that TLS goes through for without leading anywhere. */
  deadEnds(): string[] {
    return this.passthroughs().flatMap(({ number, hosts, tls }) => (tls?.mode === 'AUTO_PASSTHROUGH' ? [] : hosts
      .filter((host) => !this.tlsRoutes.some((route) => route.number === number && route.hosts.includes(host)))));
  }

  /** Every port once. */
  ports(): GatewayPort[] {
    const ports = new Map(this.requests.map((port) => [port.number, port]));
    for (const { number } of this.tlsRoutes) {
      ports.set(number, ports.get(number) ?? { name: tlsName(number), number, protocol: 'tls' });
    }
    for (const { number, protocol, tls } of this.tcpRoutes.values()) {
      ports.set(number, { name: `${protocol}-${number}`, number, protocol: tls === undefined ? protocol : 'tls' });
    }
    return [...ports.values()];
  }

  /** Everything it listens for. */
  listeners(): Listener[] {
    const { hosts, redirectHttp } = this.props;
    const requests = this.requests.flatMap((port): Listener[] => {
      const { name, number, protocol } = port;
      return protocol === 'https' || protocol === 'tls'
        ? this.endings(port)
        : [{ name, number, protocol: protocol.toUpperCase() as Listener['protocol'], hosts, ...(redirectHttp && { redirect: true }) }];
    });
    const connections = this.tcp().map(({ number, protocol, tls }): Listener => ({
      name: `${protocol}-${number}`, number, protocol: tls === undefined ? protocol === 'tcp' ? 'TCP' : 'MONGO' : 'TLS',
      hosts: tls === undefined || hosts.length === 0 ? ['*'] : hosts, ...(tls && { tls }),
    }));
    return [...requests, ...this.passthroughs(), ...connections];
  }

  /** The servers of a port that end TLS: one for all hosts, or one for each. */
  private endings({ name, number }: GatewayPort): Listener[] {
    const { hosts, tls } = this.props;
    if (tls === undefined || tls instanceof Tls) {
      return tls?.terminates === false ? [] : [{ name, number, protocol: 'HTTPS', hosts, tls }];
    }
    return Object.entries(tls).filter(([, own]) => own.terminates)
      .map(([host, own]) => ({ name: `${name}-${hostAsName(host)}`, number, protocol: 'HTTPS', hosts: [host], tls: own }));
  }

  /** The servers that let TLS through: those that `tls` of the gateway names, and those of routes. */
  private passthroughs(): Listener[] {
    const found = new Map<string, Listener>();
    const add = (number: number, hosts: readonly string[], tls: Tls): void => {
      const key = `${number} ${tls.mode}`;
      const known = found.get(key)?.hosts ?? [];
      const name = tls.mode === 'PASSTHROUGH' ? tlsName(number) : `${tlsName(number)}-auto`;
      found.set(key, { name, number, protocol: 'TLS', tls, hosts: [...new Set([...known, ...hosts])] });
    };
    const { hosts, tls } = this.props;
    const given = tls === undefined ? [] : tls instanceof Tls ? hosts.map((host) => [host, tls] as const) : Object.entries(tls);
    for (const { number } of this.requests.filter(({ protocol }) => protocol === 'https' || protocol === 'tls')) {
      given.filter(([, own]) => !own.terminates).forEach(([host, own]) => add(number, [host], own));
    }
    this.tlsRoutes.forEach((route) => add(route.number, route.hosts, Tls.passthrough()));
    return [...found.values()];
  }

  private standardPorts(): GatewayPort[] {
    const { hosts, tls, redirectHttp } = this.props;
    if (hosts.length === 0) {
      return [];
    }
    const own = tls === undefined ? [] : tls instanceof Tls ? [tls] : Object.values(tls);
    const ends = own.length === 0 || redirectHttp || own.some(({ terminates }) => terminates);
    return [
      ...(ends ? [{ name: 'http', number: 80, protocol: 'http' } as const] : []),
      ...(own.some(({ terminates }) => terminates) ? [{ name: 'https', number: 443, protocol: 'https' } as const]
        : own.length > 0 ? [{ name: 'tls', number: 443, protocol: 'tls' } as const] : []),
    ];
  }

  private checkFree(number: number): void {
    if (isProxyPort(number)) {
      throw invalid(this.gateway, `port ${number} is used by the proxy itself`, 'choose another port, outside 15000 to 15090');
    }
  }

  private requestPort(name: string, port: Port): GatewayPort {
    const { protocol, number } = port;
    this.checkFree(number);
    if (isTls(port) && this.props.tls === undefined) {
      throw invalid(this.gateway, `port ${number} speaks HTTPS, but there is no certificate`, 'give the gateway `tls`');
    }
    if (!REQUEST_PROTOCOLS.includes(protocol)) {
      throw invalid(this.gateway, `port ${number} speaks ${protocol}`, 'use Port.http, Port.http2, Port.grpc or Port.https in `ports`, and `tcp(port, service)` for connections');
    }
    return { name, number, protocol: protocol as GatewayPort['protocol'] };
  }

  private taken(number: number, by: string, fix: string): MeshError {
    return new MeshError({ construct: this.gateway, code: 'missing-listener', problem: `port ${number} is already used for ${by}`, fix });
  }
}

/** Whether the gateway sees requests there. */
export function isAboutRequests({ protocol }: Listener): boolean {
  return protocol === 'HTTP' || protocol === 'HTTP2' || protocol === 'GRPC' || protocol === 'HTTPS';
}

function tlsName(number: number): string {
  return number === 443 ? 'tls' : `tls-${number}`;
}
