import type { EgressListener } from '../model/listener';
import { PROXY_PORTS, isSocket } from '../model/listener';
import type { Endpoint } from '../model/endpoint';
import type { Protocol } from '../model/protocol';
import { isServerFirstPort, listenerProtocol } from '../model/protocol';
import type { Service, ServicePort } from '../model/service';
import { ANY_ADDRESS, cidrRange } from './emit/address';
import { virtualHostName } from './emit/virtual-host';

/** A service that a listener leads to. */
export interface PlannedTarget {
  readonly service: Service;
  readonly port: ServicePort;
  /** The listener's own address stands for a range of addresses. */
  readonly cidrs: readonly string[];
}

/** One listener for outgoing connections: what it must tell apart. */
export interface PlannedListener {
  readonly address: string;
  readonly port: number;
  /** Index of the listener of the Sidecar that it comes from. */
  readonly egress: number;
  readonly bindToPort: boolean;
  /** Plain HTTP is served from the route table of the port. */
  readonly http: boolean;
  /** One of its services speaks gRPC with browsers. */
  readonly grpcWeb: boolean;
  /** Services whose protocol is looked up: plain HTTP is theirs, from a route table of their own if the address is. */
  readonly sniffed?: PlannedTarget;
  readonly connections: readonly PlannedTarget[];
}

/** The route table of a listener. */
export interface PlannedRoutes {
  readonly name: string;
  /** Set if it is that of a socket, to which all ports of services lead. */
  readonly socket?: boolean;
  /** Set if it is that of one service alone. */
  readonly service?: Service;
}

/** What one of the listeners of a Sidecar may reach. */
export interface PlannedEgress {
  readonly index: number;
  readonly listener: EgressListener;
  readonly services: readonly Service[];
}

type Draft = { -readonly [K in keyof PlannedListener]: PlannedListener[K] } & { connections: PlannedTarget[]; locked: boolean };

/**
 * Which listeners a sidecar needs, and what each has to tell apart. HTTP services of one port share a listener on all addresses; other
 * services have one on their own address, and share it only where they have none (https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/).
 */
export class OutboundPlan {
  private readonly drafts = new Map<string, Draft>();

  public constructor(private readonly endpointsOf: (service: Service) => readonly Endpoint[], private readonly ownAddresses: readonly string[]) {}

  public add(egress: PlannedEgress): void {
    const { listener } = egress;
    if (listener.port) {
      this.addPort(egress, listener.port.number, listener.port.protocol);
      return;
    }
    // What the user gave a port of its own is not extended by the services of this one.
    this.drafts.forEach((draft) => {
      draft.locked = true;
    });
    for (const service of egress.services) {
      for (const port of service.resolution === 'alias' ? [] : service.ports) {
        this.addService(egress, service, port);
      }
    }
  }

  public listeners(): readonly PlannedListener[] {
    return [...this.drafts.values()];
  }

  /** A listener that the user gave a port: the services behind it keep their own. */
  private addPort(egress: PlannedEgress, number: number, protocol: Protocol): void {
    const kind = listenerProtocol(protocol);
    // As in Istio, a port is not opened for nobody.
    if (kind === 'none' || (number !== 0 && egress.services.length === 0)) {
      return;
    }
    if (kind === 'HTTP') {
      const draft = this.draft(egress, bindOf(egress.listener) ?? ANY_ADDRESS, number);
      draft.http = true;
      draft.grpcWeb ||= protocol === 'GRPC-Web';
      return;
    }
    for (const service of egress.services) {
      const own = service.resolution === 'alias' ? undefined : portBehind(service, number);
      for (const { address, cidrs } of own ? this.placesOf(egress, service) : []) {
        this.addTarget(this.draft(egress, address, number), { service, port: { ...own as ServicePort, protocol }, cidrs }, kind);
      }
    }
  }

  private addService(egress: PlannedEgress, service: Service, port: ServicePort): void {
    const protocol = listenerProtocol(port.protocol);
    const bind = bindOf(egress.listener);
    if (protocol === 'HTTP' && !isTaken(bind ?? ANY_ADDRESS, port.number)) {
      const draft = this.draft(egress, bind ?? ANY_ADDRESS, port.number);
      draft.http ||= !draft.locked && !this.isServerFirst(draft);
      draft.grpcWeb ||= draft.http && !draft.locked && port.protocol === 'GRPC-Web';
    } else if (protocol === 'TCP' || protocol === 'Auto') {
      for (const { address, cidrs } of this.placesOf(egress, service).filter((one) => !isTaken(one.address, port.number))) {
        this.addTarget(this.draft(egress, address, port.number), { service, port, cidrs }, protocol);
      }
    }
  }

  private addTarget(draft: Draft, target: PlannedTarget, protocol: 'TCP' | 'Auto'): void {
    const overHttp = draft.http && isServerFirstPort(draft.port);
    if (draft.locked || overHttp || (protocol === 'Auto' && draft.sniffed)) {
      return;
    }
    if (protocol === 'Auto' && !(draft.connections.length > 0 && isServerFirstPort(draft.port))) {
      draft.sniffed = target;
    }
    draft.connections.push(target);
  }

  private isServerFirst(draft: Draft): boolean {
    return isServerFirstPort(draft.port) && draft.connections.length > 0;
  }

  private placesOf({ listener }: PlannedEgress, service: Service): { address: string; cidrs: string[] }[] {
    const bind = bindOf(listener);
    return bind === undefined ? this.addressesOf(service) : [{ address: bind, cidrs: [] }];
  }

  /** Where callers connect to: the service's addresses, those of the pods of a headless one, or anywhere. */
  private addressesOf(service: Service): { address: string; cidrs: string[] }[] {
    if (service.addresses.length > 0) {
      return service.addresses.flatMap((text) => {
        const range = cidrRange(text);
        const single = range?.prefixLen?.value === (text.includes(':') ? 128 : 32);
        return range ? [single ? { address: text.split('/')[0], cidrs: [] } : { address: ANY_ADDRESS, cidrs: [text] }] : [];
      });
    }
    const headless = service.resolution === 'original' && (service.registry === 'kubernetes' || service.selector !== undefined);
    if (!headless) {
      return [{ address: ANY_ADDRESS, cidrs: [] }];
    }
    const pods = this.endpointsOf(service).map((endpoint) => endpoint.address).filter((address) => cidrRange(address));
    // Calls of the pod to itself come in as inbound ones.
    return [...new Set(pods)].filter((address) => !this.ownAddresses.includes(address)).map((address) => ({ address, cidrs: [] }));
  }

  private draft(egress: PlannedEgress, address: string, port: number): Draft {
    const key = `${address}_${port}`;
    let draft = this.drafts.get(key);
    if (!draft) {
      draft = { address, port, egress: egress.index, bindToPort: egress.listener.bindToPort, http: false, grpcWeb: false, connections: [], locked: false };
      this.drafts.set(key, draft);
    }
    return draft;
  }
}

/** Listeners on all addresses share the route table of their port; one of a single service has its own. */
export function routesOf({ http, sniffed, address, port }: PlannedListener): PlannedRoutes | undefined {
  if ((http || sniffed) && isSocket(address)) {
    return { name: address, socket: true };
  }
  if (http || (sniffed && address === ANY_ADDRESS)) {
    return { name: String(port) };
  }
  return sniffed && { name: virtualHostName(sniffed.service.host, port), service: sniffed.service };
}

/** The port itself. Connections to a socket say nothing of a port: there it is the first. */
function portBehind({ ports }: Service, number: number): ServicePort | undefined {
  return ports.find((one) => one.number === number) ?? (number === 0 ? ports[0] : undefined);
}

function bindOf(listener: EgressListener): string | undefined {
  return listener.bind === '' ? undefined : listener.bind;
}

/** The proxy itself listens there, on all addresses; a service may have the port on its own (pilot/pkg/model/context.go, CanBindToPort). */
function isTaken(address: string, port: number): boolean {
  return address === ANY_ADDRESS && PROXY_PORTS.has(port);
}
