/** Addresses that a rule is about, in the notation of CIDR. */
export interface AddressRange {
  readonly cidr: string;
  readonly except: readonly string[];
}

/** Ports of one protocol; `to` is the same as `from` for a single one. */
export interface PortRange {
  readonly protocol: 'tcp' | 'udp';
  readonly from: number;
  readonly to: number;
}

/** Connections that are let through: to or from any of the addresses, at any of the ports. */
export interface Opening {
  readonly addresses: readonly AddressRange[] | 'all';
  readonly ports: readonly PortRange[] | 'all';
}

/** What of a pod's connections is let through; a side that is left out is open. */
export interface PacketFilter {
  readonly ingress?: readonly Opening[];
  readonly egress?: readonly Opening[];
  /** Destinations that are refused although `egress` may be open to them, or there is none. */
  readonly refused?: readonly { readonly address: string; readonly port: number }[];
}

/** As `iptables-save` would write it; a filter without rules takes those of earlier ones away. */
export function packetFilterRules(filter: PacketFilter, node: string): string {
  const lines = [...side(INGRESS, filter.ingress, { node, refused: [] }), ...side(EGRESS, filter.egress, { node, refused: filter.refused ?? [] })];
  const chains = lines.flatMap((line) => / -j (except\d+)$/.exec(line)?.[1] ?? []);
  return ['*filter', ':INPUT ACCEPT [0:0]', ':OUTPUT ACCEPT [0:0]', ...chains.map((chain) => `:${chain} - [0:0]`), ...lines, 'COMMIT', ''].join('\n');
}

interface Side {
  readonly chain: 'INPUT' | 'OUTPUT';
  readonly device: '-i eth0' | '-o eth0';
  readonly peer: '-s' | '-d';
  /** Numbers of chains begin here, so that the two sides never share one. */
  readonly first: number;
}

const INGRESS: Side = { chain: 'INPUT', device: '-i eth0', peer: '-s', first: 0 };
const EGRESS: Side = { chain: 'OUTPUT', device: '-o eth0', peer: '-d', first: 100_000 };

/**
 * Answers pass, and so does what concerns the node. Everything else must be let through, packet by packet: a connection that a new rule
 * forbids ends, as with the network plug-ins that tear it down. Capture has changed the port of what comes in by then, so the port is
 * that which the connection began with.
 */
function side(at: Side, openings: readonly Opening[] | undefined, { node, refused }: { node: string; refused: NonNullable<PacketFilter['refused']> }): string[] {
  if (!openings && refused.length === 0) {
    return [];
  }
  const rule = (text: string) => `-A ${at.chain} ${at.device} ${text}`;
  let chains = at.first;
  return [
    rule('-m conntrack --ctdir REPLY -j ACCEPT'),
    rule('-m conntrack --ctstate RELATED -j ACCEPT'),
    rule(`${at.peer} ${node} -j ACCEPT`),
    // What capture takes to the pod's own proxy still seems to go out of the device here: only its address tells.
    ...(at === EGRESS ? [rule('-d 127.0.0.0/8 -j ACCEPT')] : []),
    ...refused.map(({ address, port }) => rule(`${at.peer} ${address} -p tcp -m conntrack --ctorigdstport ${port} -j DROP`)),
    ...(openings ?? []).flatMap(({ addresses, ports }) => ranges(addresses).flatMap((range) => portMatches(ports).flatMap((match) => {
      const from = range ? [`${at.peer} ${range.cidr}`] : [];
      if (!range?.except.length) {
        return [rule([...from, ...match, '-j ACCEPT'].join(' '))];
      }
      const chain = `except${++chains}`;
      return [rule([...from, ...match, `-j ${chain}`].join(' ')), ...range.except.map((cidr) => `-A ${chain} ${at.peer} ${cidr} -j RETURN`), `-A ${chain} -j ACCEPT`];
    }))),
    ...(openings ? [rule('-j DROP')] : []),
  ];
}

function ranges(addresses: Opening['addresses']): readonly (AddressRange | undefined)[] {
  return addresses === 'all' ? [undefined] : addresses;
}

function portMatches(ports: Opening['ports']): string[][] {
  return ports === 'all' ? [[]] : ports.map(({ protocol, from, to }) => [`-p ${protocol} -m conntrack --ctorigdstport ${from === to ? from : `${from}:${to}`}`]);
}
