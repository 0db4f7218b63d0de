import { decode, unpack, type HttpConnectionManager, type DeltaDiscoveryRequest, type DeltaDiscoveryResponse, type Listener } from '../../src/envoy';
import { TYPE_URLS } from '../../src/model/configuration';
import type { Outlet } from '../../src/xds/connection';
import { PREFIX_BYTES } from '../../src/xds/response';

const { cluster: CDS, endpoint: EDS, listener: LDS, route: RDS } = TYPE_URLS;

/**
 * An Envoy reduced to what ordering is about: clusters warm until their endpoints come, and CDS is acknowledged when all are warm; listeners
 * ask for their routes; a route to a cluster that is not warm is a 503. It takes one response at a time, when told to.
 */
export class SimulatedEnvoy implements Outlet {
  readonly problems: string[] = [];
  readonly versions = new Map<string, string>();
  private readonly inbox: DeltaDiscoveryResponse[] = [];
  private readonly warm = new Set<string>();
  private readonly warming = new Set<string>();
  private readonly routes = new Map<string, string>();
  private readonly withheld: DeltaDiscoveryRequest[] = [];
  private readonly subscribed = new Set<string>();
  private last: readonly string[] = [];

  constructor(private readonly send: (request: DeltaDiscoveryRequest) => void, private readonly refuses: (version: string) => boolean) {}

  write(frame: Buffer): boolean {
    this.inbox.push(decode('DeltaDiscoveryResponse', frame.subarray(PREFIX_BYTES)));
    return true;
  }

  fail(message: string): void {
    this.problems.push(message);
  }

  connect(): void {
    this.send({ typeUrl: CDS });
    this.send({ typeUrl: LDS });
  }

  /** Takes the next response; false when there is none. */
  take(): boolean {
    const response = this.inbox.shift();
    if (!response) return false;
    const resources = (response.resources ?? []).map((each) => ({ name: each.name!, version: each.version!, bytes: each.resource!.value! }));
    const answer = { typeUrl: response.typeUrl!, responseNonce: response.nonce! };
    if (resources.some((each) => this.refuses(each.version))) this.send({ ...answer, errorDetail: { code: 13, message: 'refused' } });
    else this.apply(response, resources, answer);
    for (const [route, cluster] of this.routes) if (!this.warm.has(cluster)) this.problems.push(`503: ${route} → ${cluster}`);
    this.last = response.typeUrl === CDS ? resources.map((each) => each.name) : this.last;
    return true;
  }

  private apply(response: DeltaDiscoveryResponse, resources: { name: string; version: string; bytes: Uint8Array }[], answer: DeltaDiscoveryRequest): void {
    const typeUrl = response.typeUrl!;
    for (const { name, version, bytes } of resources) {
      const key = `${typeUrl} ${name}`;
      // Nobody in Envoy watches the name any more.
      if ((typeUrl === EDS || typeUrl === RDS) && !this.subscribed.has(key)) continue;
      if (this.versions.get(key) === version && !(typeUrl === EDS && this.last.includes(name))) this.problems.push(`sent again: ${key}`);
      this.versions.set(key, version);
      this.add(typeUrl, name, bytes);
    }
    for (const name of response.removedResources ?? []) this.remove(typeUrl, name);
    if (typeUrl === CDS) this.withheld.push(answer);
    else this.send(answer);
    if (this.warming.size === 0) this.withheld.splice(0).forEach((each) => this.send(each));
  }

  private add(typeUrl: string, name: string, bytes: Uint8Array): void {
    if (typeUrl === CDS) {
      // An old cluster serves while its new definition warms.
      this.warming.add(name);
      this.subscribe(EDS, name);
    } else if (typeUrl === EDS) {
      if (this.warming.delete(name)) this.warm.add(name);
    } else if (typeUrl === RDS) {
      this.routes.set(name, decode('RouteConfiguration', bytes).virtualHosts![0]!.routes![0]!.route!.cluster!);
    } else if (typeUrl === LDS) {
      this.subscribe(RDS, routeOf(decode('Listener', bytes)));
    }
  }

  private subscribe(typeUrl: string, name: string): void {
    if (this.subscribed.has(`${typeUrl} ${name}`)) return;
    this.subscribed.add(`${typeUrl} ${name}`);
    this.send({ typeUrl, resourceNamesSubscribe: [name] });
  }

  private unsubscribe(typeUrl: string, name: string): void {
    this.versions.delete(`${typeUrl} ${name}`);
    this.subscribed.delete(`${typeUrl} ${name}`);
    this.send({ typeUrl, resourceNamesUnsubscribe: [name] });
  }

  private remove(typeUrl: string, name: string): void {
    const had = this.versions.delete(`${typeUrl} ${name}`);
    if (typeUrl === CDS && had) {
      this.warm.delete(name);
      this.warming.delete(name);
      this.unsubscribe(EDS, name);
    }
    // One listener per route configuration, of the same name: with the listener its routes go.
    if (typeUrl === LDS && had) {
      this.routes.delete(name);
      this.unsubscribe(RDS, name);
    }
    if (typeUrl === RDS) this.routes.delete(name);
    // Envoy finishes warming with no endpoints when it is told that there are none.
    if (typeUrl === EDS && this.warming.delete(name)) this.warm.add(name);
  }
}

function routeOf(listener: Listener): string {
  const manager = unpack(listener.filterChains![0]!.filters![0]!.typedConfig!) as HttpConnectionManager;
  return manager.rds!.routeConfigName!;
}
