import type { ServiceEntrySpec } from '../istio';
import { isWildcard } from '../model/host';
import type { Resource } from '../model/resource';
import { resourceKey } from '../model/snapshot';
import { AddressPool } from './addresses';

/** Its value `false` is the user's word that an entry gets no address. */
const ALLOCATE_LABEL = 'networking.istio.io/enable-autoallocate-ip';

/**
 * The work of Istio's controller for addresses: every host of an entry without `addresses` gets one of 240.240.0.0/16, which stands in the
 * entry's status. Wildcards get none, and neither do entries of resolution NONE, whose connections go where the caller wanted.
 * https://istio.io/latest/docs/ops/configuration/traffic-management/dns-proxy/#address-auto-allocation
 */
export class ServiceEntryController {
  private readonly pool = new AddressPool('240.240');
  private readonly owners = new Map<string, readonly string[]>();
  private readonly users = new Map<string, Set<string>>();

  /** The entry with its addresses. */
  public set(entry: Resource): Resource {
    const key = keyOf(entry);
    const hosts = hostsWithoutAddress(entry);
    const { namespace } = entry.metadata;
    // Entries of one namespace share a host, and so its address.
    const owners = hosts.map((host) => `${namespace}/${host}`);
    this.leave(key, owners);
    const addresses = hosts.map((host, i) => {
      this.use(owners[i], key);
      return { value: this.pool.allocate(owners[i]), host };
    });
    this.owners.set(key, owners);
    return addresses.length === 0 ? entry : { ...entry, status: { ...entry.status as object | undefined, addresses } };
  }

  public delete(entry: Resource): void {
    const key = keyOf(entry);
    this.leave(key, []);
    this.owners.delete(key);
  }

  private use(owner: string, key: string): void {
    this.users.set(owner, (this.users.get(owner) ?? new Set<string>()).add(key));
  }

  private leave(key: string, kept: readonly string[]): void {
    for (const owner of (this.owners.get(key) ?? []).filter((one) => !kept.includes(one))) {
      const users = this.users.get(owner);
      users?.delete(key);
      if (!users?.size) {
        this.users.delete(owner);
        this.pool.release(owner);
      }
    }
  }
}

function keyOf({ metadata: { namespace, name } }: Resource): string {
  return resourceKey(namespace, name);
}

function hostsWithoutAddress({ metadata: { labels = {} }, spec }: Resource): readonly string[] {
  const { hosts = [], addresses = [], resolution = 'NONE' } = spec as ServiceEntrySpec;
  const refused = labels[ALLOCATE_LABEL]?.toLowerCase() === 'false';
  return refused || addresses.length > 0 || resolution === 'NONE' ? [] : [...new Set(hosts.map((host) => host.toLowerCase()))].filter((host) => !isWildcard(host));
}
