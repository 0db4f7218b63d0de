import type { Enum, Type } from 'protobufjs/light';

export type Member = Type | Enum;

/** Names that no rule would find. */
const CHOSEN: Readonly<Record<string, string>> = {
  'envoy.extensions.filters.network.direct_response.v3.Config': 'NetworkDirectResponse',
  'envoy.extensions.access_loggers.stats.v3.Config': 'StatsAccessLog',
  'envoy.extensions.filters.http.ext_authz.v3.HttpService': 'ExtAuthzHttpService',
  'envoy.extensions.filters.http.set_filter_state.v3.Config': 'HttpSetFilterState',
  'envoy.extensions.filters.listener.set_filter_state.v3.Config': 'ListenerSetFilterState',
  'envoy.extensions.filters.network.set_filter_state.v3.Config': 'NetworkSetFilterState',
  'envoy.extensions.filters.network.sni_dynamic_forward_proxy.v3.FilterConfig': 'SniDynamicForwardProxy',
  'envoy.extensions.filters.network.thrift_proxy.router.v3.Router': 'ThriftRouter',
  'envoy.extensions.filters.network.dubbo_proxy.router.v3.Router': 'DubboRouter',
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': 'ClusterHttpProtocolOptions',
};

/**
 * Flat TypeScript names of messages and enums: `envoy.config.cluster.v3.Cluster.DiscoveryType` → `Cluster_DiscoveryType`. Where several
 * packages have a name, the most basic package keeps it and the others get a prefix: `HttpRBAC`, `NetworkRBAC`, `XdsStringMatcher`.
 */
export function flatNames(members: readonly Member[]): Map<Member, string> {
  const groups = new Map<string, Member[]>();
  for (const member of members) groups.set(nameInPackage(member), [...(groups.get(nameInPackage(member)) ?? []), member]);
  const flat = new Map<Member, string>();
  for (const [name, group] of groups) {
    const plain = owner(group);
    if (plain) flat.set(plain, name);
  }
  const taken = new Set(flat.values());
  for (const [name, group] of groups) {
    const rivals = group.filter((member) => !flat.has(member));
    for (const member of rivals) {
      const prefix = prefixes(member, rivals).find((candidate) => !taken.has(candidate + name));
      if (prefix === undefined) throw new Error(`no free name for ${member.fullName}`);
      taken.add(prefix + name);
      flat.set(member, prefix + name);
    }
  }
  return new Map(members.map((member) => [member, flat.get(member)!]));
}

/** `.envoy.config.cluster.v3.Cluster.DiscoveryType` → `envoy.config.cluster.v3`. */
export function packageOf(member: Member): string {
  const parts = member.fullName.slice(1).split('.');
  return parts.slice(0, parts.findIndex((part) => /^[A-Z]/.test(part))).join('.');
}

function nameInPackage(member: Member): string {
  const full = member.fullName.slice(1);
  for (const [chosen, name] of Object.entries(CHOSEN)) {
    if (full === chosen || full.startsWith(`${chosen}.`)) return name + full.slice(chosen.length).replaceAll('.', '_');
  }
  return member.fullName.slice(packageOf(member).length + 2).replaceAll('.', '_');
}

/** Who keeps a plain name. Packages of extensions are all equal: of a name that only they share, none does. */
function owner(group: readonly Member[]): Member | undefined {
  if (group.length === 1) return group[0];
  const order = [/^envoy\.config\.listener\./, /^envoy\.config\.route\./, /^envoy\.config\.core\./, /^envoy\.config\./, /^envoy\.type\./, /^google\.protobuf$/];
  const found = order.map((pattern) => group.find((member) => pattern.test(packageOf(member))));
  return found.find((member) => member !== undefined);
}

/** Words that tell packages with one message name apart, best first: the layer (`Http`, `Network`) if that is enough, then the package's own. */
function prefixes(member: Member, rivals: readonly Member[]): string[] {
  const pkg = packageOf(member);
  const layer = layerOf(pkg);
  const alone = layer !== undefined && rivals.filter((rival) => layerOf(packageOf(rival)) === layer).length === 1;
  const words = pkg.split('.').filter((part) => !/^v\d/.test(part)).map(pascal);
  const own = words.at(-1)!;
  const before = words.at(-2)!;
  const repeated = nameInPackage(member).split('_')[0] === own;
  return [...(alone ? [layer] : []), ...(repeated ? [] : [own]), before, before + own];
}

function layerOf(pkg: string): string | undefined {
  const filter = /^envoy\.extensions\.filters\.(\w+)\./.exec(pkg);
  if (filter) return pascal(filter[1]!);
  return /^(xds|cel|opentelemetry)\./.test(pkg) ? pascal(pkg.slice(0, pkg.indexOf('.'))) : undefined;
}

function pascal(word: string): string {
  return word.split('_').map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
}
