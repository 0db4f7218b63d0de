import { compare } from '../../model/host';
import type { Service } from '../../model/service';
import type { ServiceDomains } from './virtual-host';
import { virtualHostName } from './virtual-host';

/** A host of a route table, and the names that requests may call it by. */
export interface HostNames extends ServiceDomains {
  readonly host: string;
}

/** Hosts of one route table that share their routes. */
export interface HostGroup<R> {
  readonly hosts: readonly HostNames[];
  readonly routes: R;
}

/** A virtual host to be: the domains that were still free. */
export interface PlacedHost {
  readonly host: HostNames;
  readonly name: string;
  readonly domains: readonly string[];
  /** Index of the group. */
  readonly group: number;
}

/** Shares the domains of one table out: who comes first gets them, since Envoy refuses a table in which one stands twice. By name. */
export function placeHosts(groups: readonly HostGroup<unknown>[], port: number, services: ReadonlyMap<string, Service>): PlacedHost[] {
  const taken = new Domains(services);
  return groups.flatMap(({ hosts }, group) => hosts.flatMap((host) => {
    const name = virtualHostName(host.host, port);
    const domains = taken.claimName(name) ? taken.claim(host) : [];
    return domains.length > 0 ? [{ host, name, domains, group }] : [];
  })).sort((a, b) => compare(a.name, b.name));
}

/** Names and domains that are taken already. */
class Domains {
  private readonly names = new Set<string>();
  private readonly domains = new Set<string>();

  public constructor(private readonly services: ReadonlyMap<string, Service>) {}

  public claimName(name: string): boolean {
    const free = !this.names.has(name);
    this.names.add(name);
    return free;
  }

  /** A short name gives way to a service that is really called so. */
  public claim({ known, short }: ServiceDomains): readonly string[] {
    const free = known.filter((domain) => {
      const lower = domain.toLowerCase();
      if (this.domains.has(lower) || (this.services.has(domain) && short.includes(domain))) {
        return false;
      }
      this.domains.add(lower);
      return true;
    });
    return free.length === known.length ? known : free;
  }
}
