import { isIP } from 'node:net';
import type { Service } from '../model/service';
import { Derived } from './cache';
import type { Scope } from './scope';

/** Addresses by host. */
export type Names = ReadonlyMap<string, readonly string[]>;

/**
 * What a proxy tells its application of hosts that only the mesh has addresses for: of several entries of one host the first, as for
 * everything else that the application reaches.
 */
export class NameTables {
  private readonly tables = new Derived(({ egress }: Scope): Names => {
    const names = new Map<string, readonly string[]>();
    for (const service of egress.flatMap((one) => one.services)) {
      const addresses = service.registry === 'external' ? singleAddresses(service) : [];
      if (addresses.length > 0 && !names.has(service.host)) {
        names.set(service.host, addresses);
      }
    }
    return names;
  });

  public of(scope: Scope): Names {
    return this.tables.of(scope);
  }
}

function singleAddresses({ addresses }: Service): string[] {
  return addresses.map((address) => address.replace(/\/(32|128)$/, '')).filter((address) => isIP(address) !== 0);
}
