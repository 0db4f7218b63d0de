import { BlockList, isIP } from 'node:net';

const V4_IN_V6 = new BlockList();
V4_IN_V6.addSubnet('::ffff:0:0', 96, 'ipv6');

/** The version of an IP address as Kubernetes' CEL library reads it: no zones, no IPv4 inside IPv6; 0 for anything else. */
export function ipVersion(text: string): 0 | 4 | 6 {
  if (text.length > 45 || text.includes('%')) {
    return 0;
  }
  const version = isIP(text) as 0 | 4 | 6;
  return version === 6 && V4_IN_V6.check(text, 'ipv6') ? 0 : version;
}
