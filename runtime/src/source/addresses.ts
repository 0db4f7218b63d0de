import { numberHash } from './hash';

/** The first 256 addresses of a range are the machine's own: bridge, name server, the outside. */
const FIRST = 256;
const LAST = 65_534;

/**
 * Addresses of one /16 range by hash of the owner's name: the same name has the same address on every machine and after every restart. Where
 * two names meet, the earlier one keeps its address for as long as it lives, and the later one takes the next that is free.
 */
export class AddressPool {
  private readonly owners = new Map<string, string>();
  private readonly addresses = new Map<string, string>();

  /** @param prefix the first two numbers, such as `10.96` */
  public constructor(private readonly prefix: string) {}

  public allocate(owner: string): string {
    const held = this.addresses.get(owner);
    if (held) return held;
    const count = LAST - FIRST + 1;
    const start = numberHash(owner, count);
    for (let step = 0; step < count; step++) {
      const slot = FIRST + (start + step) % count;
      const address = `${this.prefix}.${slot >> 8}.${slot & 255}`;
      if (!this.owners.has(address)) return this.hold(owner, address);
    }
    throw new Error(`all ${count} addresses of ${this.prefix}.0.0/16 are taken`);
  }

  /** Takes the address that the owner asks for, inside or outside the range. Returns who has it already. */
  public claim(owner: string, address: string): string | undefined {
    const holder = this.owners.get(address);
    if (holder === owner) return undefined;
    if (holder) return holder;
    this.release(owner);
    this.hold(owner, address);
    return undefined;
  }

  public release(owner: string): void {
    const address = this.addresses.get(owner);
    if (address === undefined) return;
    this.addresses.delete(owner);
    this.owners.delete(address);
  }

  private hold(owner: string, address: string): string {
    this.owners.set(address, owner);
    this.addresses.set(owner, address);
    return address;
  }
}
