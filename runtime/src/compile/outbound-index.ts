import { isWildcard } from '../model/host';
import type { PlannedListener, PlannedRoutes } from './outbound-plan';
import { routesOf } from './outbound-plan';
import { append } from './groups';
import { servedPorts } from './http-services';
import type { EgressScope } from './scope';

/**
 * What of a sidecar's outgoing configuration is about which hosts: an edit of the rules of some makes that anew and nothing else, however
 * much there is.
 */
export class OutboundIndex {
  /** Listeners that tell connections of a host apart. */
  private readonly listeners = new Map<string, PlannedListener[]>();
  /** The same of hosts that stand for many: whatever is edited may be one of them. */
  private readonly wideListeners = new Set<PlannedListener>();
  private readonly tables = new Map<string, PlannedListener[]>();
  /** Requests to hosts that no service has are answered on port 80, so whatever is edited may be theirs. */
  private readonly wideTables: PlannedListener[] = [];

  public constructor(planned: readonly PlannedListener[], egress: readonly EgressScope[]) {
    const names = new Set<string>();
    const shared = new Map<string, PlannedListener>();
    for (const listener of planned) {
      this.addListener(listener);
      const routes = routesOf(listener);
      // Of several tables with one name the first counts.
      if (routes && !names.has(routes.name)) {
        names.add(routes.name);
        this.addTable(listener, routes);
        if (!routes.service && !routes.socket) {
          shared.set(`${listener.egress} ${listener.port}`, listener);
        }
      }
    }
    egress.forEach(({ services }, i) => servedPorts(services).forEach((ports, host) => ports.forEach((port) => {
      const table = shared.get(`${i} ${port}`);
      if (table && table.port !== 80) {
        append(this.tables, host, table);
      }
    })));
  }

  public listenersOf(hosts: Iterable<string>): Iterable<PlannedListener> {
    return found(this.listeners, hosts, this.wideListeners);
  }

  /** Those listeners whose route tables are about the hosts. */
  public tablesOf(hosts: Iterable<string>): Iterable<PlannedListener> {
    return found(this.tables, hosts, this.wideTables);
  }

  private addListener(listener: PlannedListener): void {
    for (const host of new Set(listener.connections.map((target) => target.service.host))) {
      if (isWildcard(host)) {
        this.wideListeners.add(listener);
      } else {
        append(this.listeners, host, listener);
      }
    }
  }

  private addTable(listener: PlannedListener, { service, socket }: PlannedRoutes): void {
    if (service) {
      append(this.tables, service.host, listener);
    } else if (listener.port === 80 || socket) {
      this.wideTables.push(listener);
    }
  }
}

function found(byHost: ReadonlyMap<string, readonly PlannedListener[]>, hosts: Iterable<string>, always: Iterable<PlannedListener>): Set<PlannedListener> {
  const all = new Set(always);
  for (const host of hosts) {
    byHost.get(host)?.forEach((one) => all.add(one));
  }
  return all;
}
