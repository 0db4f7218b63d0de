import type { IConstruct } from 'constructs';
import type { GatewaySpecServers } from '../../imports/istio/gateway.types';
import { MeshError } from '../mesh-error';
import type { Port } from '../port';
import { Tls } from '../tls';
import { AppRegistry } from './app-registry';
import type { GatewayPort } from './gateway-workload';
import type { HostRules } from './host-rules';
import { hostAsName } from './names';
import { isProxyPort, namedPorts } from './ports';

interface ListenerProps {
  readonly hosts: readonly string[];
  readonly ports?: readonly (number | Port)[];
  readonly tls?: Tls | Readonly<Record<string, Tls>>;
  readonly redirectHttp?: boolean;
}

interface TcpTarget {
  readonly rules: HostRules;
  readonly port: number;
}

/** What a gateway listens for: ports for requests, with or without TLS, and ports for connections. */
export class GatewayListeners {
  private readonly requests: readonly GatewayPort[];
  private readonly connections = new Map<number, TcpTarget>();

  constructor(private readonly gateway: IConstruct, private readonly props: ListenerProps) {
    const { hosts, ports, tls, redirectHttp } = props;
    if (redirectHttp && tls === undefined) {
      throw this.invalid('redirectHttp needs HTTPS to redirect to', 'give the gateway `tls`');
    }
    for (const host of tls === undefined || tls instanceof Tls ? [] : Object.keys(tls)) {
      if (!hosts.includes(host)) {
        throw this.invalid(`tls names ${host}, which the gateway does not answer for`, 'add it to `hosts`');
      }
    }
    this.requests = ports === undefined ? this.standardPorts() : ports.length === 0 ? [] : namedPorts(ports, gateway).map(({ name, port }) => this.requestPort(name, port));
    this.checkTls(tls, redirectHttp ?? false);
  }

  /** Certificates that no port shows, and redirects that lead nowhere, are mistakes. */
  private checkTls(tls: ListenerProps['tls'], redirectHttp: boolean): void {
    const speaks = (protocol: GatewayPort['protocol']): boolean => this.requests.some((port) => port.protocol === protocol);
    if (tls !== undefined && !speaks('https')) {
      throw this.invalid('has `tls`, but no port for HTTPS', 'add Port.https(443) to `ports`, or leave `ports` out for 80 and 443');
    }
    if (redirectHttp && !speaks('http')) {
      throw this.invalid('redirectHttp needs a port for HTTP', 'add Port.http(80) to `ports`, or leave `ports` out for 80 and 443');
    }
    const bare = redirectHttp && tls !== undefined && !(tls instanceof Tls) ? this.props.hosts.find((host) => !(host in tls)) : undefined;
    if (bare !== undefined) {
      throw this.invalid(`redirectHttp sends requests for ${bare} to HTTPS, for which it has no certificate`, 'name the host in `tls`, or give it a gateway of its own');
    }
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
    return this.requests.length > 0 || 'there is a route, but the gateway has no port for requests';
  }

  /** Opens a port for connections. */
  openTcp(number: number, target: TcpTarget): void {
    this.checkFree(number);
    if (this.requests.some((port) => port.number === number) || this.connections.has(number)) {
      throw new MeshError({
        construct: this.gateway,
        code: 'missing-listener',
        problem: `port ${number} is already used for ${this.connections.has(number) ? 'another service' : 'requests'}`,
        fix: 'choose another port: connections have no host to tell them apart',
      });
    }
    this.connections.set(number, target);
    AppRegistry.of(this.gateway).changes += 1;
  }

  tcp(): { number: number; target: TcpTarget }[] {
    return [...this.connections].map(([number, target]) => ({ number, target }));
  }

  ports(): GatewayPort[] {
    return [...this.requests, ...[...this.connections.keys()].map((number): GatewayPort => ({ name: `tcp-${number}`, number, protocol: 'tcp' }))];
  }

  servers(): GatewaySpecServers[] {
    const requests = this.requests.flatMap((port) => (port.protocol === 'https' ? this.tlsServers(port) : [this.httpServer(port)]));
    const connections = [...this.connections.keys()].map((number) => ({
      hosts: ['*'], port: { name: `tcp-${number}`, number, protocol: 'TCP' },
    }));
    return [...requests, ...connections];
  }

  private httpServer({ name, number }: GatewayPort): GatewaySpecServers {
    const { hosts, redirectHttp } = this.props;
    return { hosts, port: { name, number, protocol: 'HTTP' }, ...(redirectHttp && { tls: { httpsRedirect: true } }) };
  }

  private tlsServers({ name, number }: GatewayPort): GatewaySpecServers[] {
    const { hosts, tls } = this.props;
    if (tls === undefined || tls instanceof Tls) {
      return [{ hosts, port: { name, number, protocol: 'HTTPS' }, tls: tls?.render() }];
    }
    return Object.entries(tls).map(([host, own]) => ({
      hosts: [host], port: { name: `${name}-${hostAsName(host)}`, number, protocol: 'HTTPS' }, tls: own.render(),
    }));
  }

  private standardPorts(): GatewayPort[] {
    const { hosts, tls } = this.props;
    return [
      ...(hosts.length > 0 ? [{ name: 'http', number: 80, protocol: 'http' } as const] : []),
      ...(hosts.length > 0 && tls !== undefined ? [{ name: 'https', number: 443, protocol: 'https' } as const] : []),
    ];
  }

  private checkFree(number: number): void {
    if (isProxyPort(number)) {
      throw this.invalid(`port ${number} is used by the proxy itself`, 'choose another port, outside 15000 to 15090');
    }
  }

  private requestPort(name: string, port: Port): GatewayPort {
    const { protocol, number } = port;
    this.checkFree(number);
    if (protocol === 'https' && this.props.tls === undefined) {
      throw this.invalid(`port ${number} speaks HTTPS, but there is no certificate`, 'give the gateway `tls`');
    }
    if (protocol !== 'https' && protocol !== 'http') {
      throw this.invalid(`port ${number} speaks ${protocol}`, 'use Port.http or Port.https in `ports`, and `tcp(port, service)` for connections');
    }
    return { name, number, protocol };
  }

  private invalid(problem: string, fix: string): MeshError {
    return new MeshError({ construct: this.gateway, code: 'invalid-value', problem, fix });
  }
}
