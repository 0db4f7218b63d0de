/** The names of a mesh and of what stands outside of it: what the DNS server answers from. */
export interface Zone {
  /** Addresses by full name, lower case, without a dot at the end: `reviews.bookinfo.svc.cluster.local`. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** Names that come before these. */
  readonly first?: ReadonlyMap<string, readonly string[]>;
  /** Names that stand for other names, in the mesh or outside: Services of type ExternalName. */
  readonly aliases?: ReadonlyMap<string, string>;
  /** Finds addresses of names outside; empty when there are none. Undefined: the name does not exist. */
  readonly outside: (name: string) => Promise<readonly string[] | undefined> | readonly string[] | undefined;
}

/** Names below this one are the cluster's own, nobody else is asked for them. */
const CLUSTER_DOMAIN = 'cluster.local';
const LONGEST_CHAIN = 8;

export type Lookup =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | { readonly kind: 'none' };

export async function lookUp(zone: Zone, question: string): Promise<Lookup> {
  const name = withoutAliases(zone, question.toLowerCase().replace(/\.$/, ''));
  const own = find(zone.first, name) ?? find(zone.names, name);
  if (own) return { kind: 'addresses', addresses: shuffled(own) };
  if (name === CLUSTER_DOMAIN || name.endsWith(`.${CLUSTER_DOMAIN}`) || name.endsWith('.arpa') || !name.includes('.')) return { kind: 'none' };
  const addresses = await zone.outside(name);
  return addresses ? { kind: 'addresses', addresses } : { kind: 'none' };
}

/** Aliases may stand for aliases; what leads in circles leads nowhere. */
function withoutAliases({ aliases }: Zone, name: string): string {
  let target = name;
  for (let steps = 0; steps < LONGEST_CHAIN; steps++) {
    const next = aliases?.get(target);
    if (next === undefined) return target;
    target = next.toLowerCase();
  }
  return '';
}

function find(names: Zone['names'] | undefined, name: string): readonly string[] | undefined {
  return names && (names.get(name) ?? wildcard(names, name));
}

/** `*.example.com` in the zone stands for every name below it; the longest one wins. */
function wildcard(names: Zone['names'], name: string): readonly string[] | undefined {
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    const found = names.get(`*${name.slice(dot)}`);
    if (found) return found;
  }
  return undefined;
}

/** Most programs take the first address, so a name with several gives them in turn, as cluster DNS does. */
function shuffled(addresses: readonly string[]): readonly string[] {
  if (addresses.length < 2) return addresses;
  const start = Math.floor(Math.random() * addresses.length);
  return [...addresses.slice(start), ...addresses.slice(0, start)];
}
