import { BlockList, isIP } from 'node:net';

/**
 * Addresses to which no URL of a user may lead the control plane: its own machine, the link, and where clouds tell machines their secrets
 * (AWS, GCP, Azure, Alibaba, Oracle). Addresses of the cluster are not among them: issuers may well stand there.
 */
const BLOCKED = [
  '127.0.0.0/8', '::1/128', '0.0.0.0/8', '::/128', '169.254.0.0/16', 'fe80::/10', '224.0.0.0/4', 'ff00::/8', '255.255.255.255/32',
  'fd00:ec2::254/128', 'fd20:ce::254/128', '168.63.129.16/32', '100.100.100.200/32', '192.0.0.192/32',
  // IPv4 in other clothes: NAT64 and 6to4 lead to whatever is inside of them.
  '64:ff9b::/96', '2002::/16',
];

export interface AddressRules {
  /** Further ranges that are blocked. */
  readonly blocked?: readonly string[];
  /** Ranges that are allowed all the same: an exception has to be made on purpose. */
  readonly allowed?: readonly string[];
}

/** Decides about addresses, after names are resolved: what a name says of itself does not count. */
export class AddressGuard {
  private readonly blocked: BlockList;
  private readonly allowed: BlockList;

  /** @throws where a range is none */
  public constructor({ blocked = [], allowed = [] }: AddressRules = {}) {
    this.blocked = listOf([...BLOCKED, ...blocked]);
    this.allowed = listOf(allowed);
  }

  public allows(address: string): boolean {
    const family = isIP(address);
    const type = family === 6 ? 'ipv6' : 'ipv4';
    return family !== 0 && (this.allowed.check(address, type) || !this.blocked.check(address, type));
  }
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address);
    if (family === 0) {
      throw new Error(`'${range}' is no range of IP addresses, such as 10.0.0.0/8`);
    }
    list.addSubnet(address, bits === undefined ? (family === 6 ? 128 : 32) : Number(bits), family === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
