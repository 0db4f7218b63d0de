import type { Cluster, ClusterHttpProtocolOptions, ClusterLoadAssignment, DnsCluster, TransportSocket } from '../../envoy';
import { Cluster_DiscoveryType as Discovery, Cluster_LbPolicy, DnsLookupFamily, any, duration, uint32 } from '../../envoy';
import type { ClusterContext, ClusterFragment, DestinationPeers, SecretRef, Spread, SpreadContext } from '../../features/emitter';
import { merge } from '../../features/fragment';
import { MAX_SNI } from '../../features/sni';
import { Attachments } from '../../model/attachment';
import type { Subset } from '../../model/cluster';
import {
  BLACK_HOLE_CLUSTER, DYNAMIC_DNS_CLUSTER, INBOUND_PASSTHROUGH_CLUSTER, PASSTHROUGH_CLUSTER, inboundCluster, outboundCluster, sniCluster,
} from '../../model/cluster';
import { compare } from '../../model/host';
import { spiffeId } from '../../model/identity';
import type { MeshSettings } from '../../model/mesh';
import type { Standpoint } from '../../model/locality';
import type { Protocol } from '../../model/protocol';
import { isHttp, isHttp2 } from '../../model/protocol';
import type { Reach, Resolution, Service, ServicePort } from '../../model/service';
import { ANY_ADDRESS, INBOUND_SOURCE, socketAddress } from './address';
import { emitDynamicDiscovery } from './dynamic-dns';
import type { ServicePeers } from '../peers';
import type { Selection } from './endpoint';
import { emitEndpoints } from './endpoint';
import { withHeaderCase } from './header-case';
import type { ProxyClass } from './proxy-class';
import { ADS, bindConfig } from './proxy-class';
import { emittersWith } from './rooms';
import { statName } from './stat-name';

export interface OutboundClusterOptions {
  readonly proxy: ProxyClass;
  readonly settings: MeshSettings;
  readonly policy: Attachments;
  readonly subset?: Subset;
  /** Connections are passed on as they come, to who is named by the cluster's other name. */
  readonly opaque?: boolean;
  /** Whether the rule is for this very proxy. */
  readonly selected?: boolean;
  /** Where the proxy stands; it counts only where endpoints stand in the cluster itself. */
  readonly caller?: Standpoint;
  /** Who answers. @default nobody knows */
  readonly peers?: ServicePeers;
  /** Ports at which all endpoints take mutual TLS; it counts only where connections go where the caller wanted to. */
  readonly direct?: readonly number[];
  /** Whether an endpoint takes mutual TLS at a port; it counts only where endpoints stand in the cluster itself. */
  readonly takes?: Selection['takes'];
}

export interface EmittedCluster {
  readonly cluster: Cluster;
  readonly secrets: readonly SecretRef[];
}

const IN_CLUSTERS = emittersWith('cluster');
const TRANSPORTS = emittersWith('transport');
const DIRECT = emittersWith('goesDirect');
const EJECTING = emittersWith('ejects');
const SPREADING = emittersWith('spread');

/** Where endpoints are known before a request comes. */
const CHECKABLE: ReadonlySet<Resolution> = new Set(['endpoints', 'dns', 'dns-round-robin']);

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

export function emitOutboundCluster(service: Service, port: ServicePort, options: OutboundClusterOptions): EmittedCluster {
  const { proxy, settings, subset, opaque = false } = options;
  const policy = options.policy.overriddenBy(service.features);
  const name = (opaque ? sniCluster : outboundCluster)(port.number, subset?.name ?? '', service.host);
  const protocol = opaque ? 'TCP' : port.protocol;
  const fragments = fragmentsOf(policy, {
    ...spreadContext(service, policy, settings),
    direction: 'outbound',
    protocol,
    opaque,
    checkable: CHECKABLE.has(resolutionFor(service, proxy)),
    systemTrust: proxy.systemTrust,
    mayUseSecrets: proxy.type === 'router' || options.selected === true,
    subjectAltNames: service.subjectAltNames,
    peers: destinationPeers(service, port, options),
  });
  const discovery = emitDiscovery(name, { ...options, service, port, resolution: resolutionFor(service, proxy) });
  const altStatName = statName(settings.statNames.outbound, { service, port, subset: subset?.name });
  const base: Cluster = { name, ...altStatName, connectTimeout: duration(settings.connectTimeout), ...discovery };
  const merged = wrapped(merge<Cluster>(base, ...fragments.map((fragment) => fragment.cluster)), policy);
  const cluster = protocol === 'Redis' && settings.switches.redisFilter ? shardByKey(merged) : merged;
  return {
    cluster: finish(cluster, mergeHttp(protocol, fragments, settings)),
    secrets: fragments.flatMap((fragment) => fragment.secrets ?? []),
  };
}

/** Names of a service's own stand beside those of its accounts, in the mesh's trust domain and under the other names of that. */
function destinationPeers(service: Service, port: ServicePort, { proxy, settings, policy, subset, peers, direct = [] }: OutboundClusterOptions): DestinationPeers {
  const domains = [...new Set([settings.trustDomain, ...settings.trustDomainAliases])];
  const accounts = (peers?.identities ?? []).flatMap((identity) => domains.map((domain) => spiffeId(domain, identity)));
  const goesDirect = resolutionFor(service, proxy) === 'original' || DIRECT.some((emitter) => emitter.goesDirect(policy));
  const none = service.meshExternal || peers === undefined || peers.disabled || (goesDirect && !direct.includes(port.number));
  const sni = sniCluster(port.number, subset?.name ?? '', service.host);
  return {
    // Nobody could send a longer one, and none is needed but where a gateway passes connections on by it.
    sni: sni.length > MAX_SNI ? undefined : sni,
    names: [...new Set([...accounts, ...service.subjectAltNames])].sort(compare),
    take: none ? 'none' : goesDirect ? 'all' : 'some',
  };
}

/** The proxy speaks Redis: each key has its server, whatever a policy asks for, as in Istio. */
function shardByKey(cluster: Cluster): Cluster {
  const { leastRequestLbConfig: _least, roundRobinLbConfig: _round, ringHashLbConfig: _ring, ...rest } = cluster;
  return { ...rest, lbPolicy: Cluster_LbPolicy.MAGLEV };
}

function fragmentsOf(policy: Attachments, context: ClusterContext): ClusterFragment[] {
  return IN_CLUSTERS.map((emitter) => emitter.cluster(policy, context));
}

function wrapped(cluster: Cluster, policy: Attachments): Cluster {
  const wrap = (socket: TransportSocket | undefined) => TRANSPORTS.reduce((inner, emitter) => emitter.transport(policy, inner) ?? inner, socket);
  if (cluster.transportSocketMatches) {
    return { ...cluster, transportSocketMatches: cluster.transportSocketMatches.map((match) => ({ ...match, transportSocket: wrap(match.transportSocket) })) };
  }
  const transportSocket = wrap(cluster.transportSocket);
  return transportSocket === cluster.transportSocket ? cluster : { ...cluster, transportSocket };
}

/** What decides which endpoints of a service are preferred. */
function spreadContext({ distribution, ownNodeOnly }: Reach, policy: Attachments, { features }: MeshSettings): SpreadContext {
  return { mesh: features, distribution, ownNodeOnly, ejects: EJECTING.some((emitter) => emitter.ejects(policy)) };
}

/** Which endpoints callers prefer; undefined: none. */
export function spreadOf(service: Reach, policy: Attachments, settings: MeshSettings): Spread | undefined {
  const context = spreadContext(service, policy, settings);
  for (const emitter of SPREADING) {
    const spread = emitter.spread(policy, context);
    if (spread) {
      return spread;
    }
  }
  return undefined;
}

/** A gateway has no original destination that would mean anything, so it gets the endpoints of headless services. */
function resolutionFor(service: Service, proxy: ProxyClass): Resolution {
  return service.resolution === 'original' && proxy.type === 'router' ? 'endpoints' : service.resolution;
}

interface DiscoveryOptions extends OutboundClusterOptions {
  readonly service: Service;
  readonly port: ServicePort;
  readonly resolution: Resolution;
}

function emitDiscovery(name: string, { service, port, subset, settings, resolution, policy, caller, takes }: DiscoveryOptions): Cluster {
  switch (resolution) {
    case 'dns':
    case 'dns-round-robin': {
      // All addresses of a name are one endpoint with round robin: there is nothing to order.
      const spread = resolution === 'dns' ? spreadOf(service, policy, settings) : undefined;
      const loadAssignment = emitEndpoints(name, service.endpoints, { port, labels: subset?.labels, spread, caller, takes });
      return {
        clusterType: emitDns(resolution === 'dns-round-robin' && isOne(loadAssignment), settings),
        loadAssignment,
      };
    }
    case 'dynamic':
      return emitDynamicDiscovery(settings);
    case 'original':
      return { type: Discovery.ORIGINAL_DST, lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED };
    default:
      return { type: Discovery.EDS, edsClusterConfig: { edsConfig: ADS, serviceName: name } };
  }
}

/** A subset may have none of the endpoints; Envoy takes exactly one whose addresses are all of them. */
function isOne({ endpoints = [] }: ClusterLoadAssignment): boolean {
  return endpoints.length === 1 && endpoints[0].lbEndpoints?.length === 1;
}

/** `STRICT_DNS` and `LOGICAL_DNS` of older Envoys. */
function emitDns(oneEndpoint: boolean, settings: MeshSettings): Cluster['clusterType'] {
  const config: DnsCluster = {
    dnsLookupFamily: DnsLookupFamily.V4_ONLY,
    dnsRefreshRate: duration(settings.dnsRefreshRate),
    respectDnsTtl: true,
    ...(oneEndpoint && { allAddressesInSingleEndpoint: true }),
  };
  return { name: 'envoy.clusters.dns', typedConfig: any('DnsCluster', config) };
}

/** Exactly one of Envoy's ways to choose a protocol; what a policy asks for wins over what the port says. */
function mergeHttp(protocol: Protocol, fragments: readonly ClusterFragment[], { proxy }: MeshSettings): ClusterHttpProtocolOptions | undefined {
  const asked = merge<ClusterHttpProtocolOptions>(...fragments.map((fragment) => fragment.http));
  const chosen = asked.useDownstreamProtocolConfig ?? asked.explicitHttpConfig;
  const needed = chosen || Object.keys(asked).length > 0 || isHttp2(protocol) || protocol === 'Auto';
  const options = needed ? { ...asked, ...(chosen ? {} : protocolOptions(protocol)) } : undefined;
  return isHttp(protocol) || protocol === 'Auto' ? withHeaderCase(options, proxy) : options;
}

function protocolOptions(protocol: Protocol): ClusterHttpProtocolOptions {
  if (protocol === 'Auto') {
    // What the caller speaks is what the callee gets: nobody said what this port is.
    return { useDownstreamProtocolConfig: { httpProtocolOptions: {}, http2ProtocolOptions: {} } };
  }
  return { explicitHttpConfig: isHttp2(protocol) ? { http2ProtocolOptions: {} } : { httpProtocolOptions: {} } };
}

function finish(cluster: Cluster, http: ClusterHttpProtocolOptions | undefined): Cluster {
  const options = http && { typedExtensionProtocolOptions: { [HTTP_OPTIONS]: any('ClusterHttpProtocolOptions', http) } };
  // Clusters that find their endpoints on their own balance on their own too, whatever a policy asks for.
  const dynamic = cluster.clusterType?.name === 'envoy.clusters.dynamic_forward_proxy';
  if (cluster.type !== Discovery.ORIGINAL_DST && !dynamic) {
    return { ...cluster, ...options };
  }
  const { edsClusterConfig: _eds, loadAssignment: _load, ringHashLbConfig: _ring, maglevLbConfig: _maglev, ...rest } = cluster;
  const { leastRequestLbConfig: _least, roundRobinLbConfig: _round, clusterType, ...original } = rest;
  return { ...original, ...(dynamic && { clusterType }), ...options, lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED };
}

/**
 * To servers that nobody knows connections are kept for a next request for less time than Envoy's hour. As in Istio that stands, whatever the mesh
 * says of requests by default (passthroughHttpProtocolOptions of pilot/pkg/networking/core/cluster_builder.go).
 */
const UNKNOWN_HTTP: ClusterHttpProtocolOptions = { commonHttpProtocolOptions: { idleTimeout: duration(5 * 60_000) }, ...protocolOptions('Auto') };

/** Connections to where they wanted to go, whoever that is. */
export function emitPassthroughCluster(settings: MeshSettings): Cluster {
  return emitOriginal(PASSTHROUGH_CLUSTER, settings, { policy: settings.defaultPolicy, bind: {}, protocol: 'Auto', http: UNKNOWN_HTTP });
}

export function emitInboundPassthroughCluster(settings: MeshSettings): Cluster {
  return emitOriginal(INBOUND_PASSTHROUGH_CLUSTER, settings, {
    policy: settings.defaultPolicy, bind: bindConfig(INBOUND_SOURCE), protocol: 'Auto', http: UNKNOWN_HTTP,
  });
}

/** For requests whose host nobody knows: the proxy looks it up itself, and opens TLS if the mesh says so. */
export function emitUnknownHostsCluster(proxy: ProxyClass, settings: MeshSettings): EmittedCluster {
  const policy = settings.outboundTrafficPolicy.clientTls ?? Attachments.NONE;
  const fragments = fragmentsOf(policy, {
    direction: 'outbound', protocol: 'Auto', systemTrust: proxy.systemTrust, mesh: settings.features, mayUseSecrets: true, ejects: false,
  });
  return {
    cluster: finish(merge<Cluster>(
      { name: DYNAMIC_DNS_CLUSTER, connectTimeout: duration(settings.connectTimeout), ...emitDynamicDiscovery(settings) },
      ...fragments.map((fragment) => fragment.cluster),
    ), mergeHttp('Auto', [{ cluster: {}, http: UNKNOWN_HTTP }, ...fragments], settings)),
    secrets: fragments.flatMap((fragment) => fragment.secrets ?? []),
  };
}

export function emitBlackHoleCluster(settings: MeshSettings): Cluster {
  return { name: BLACK_HOLE_CLUSTER, type: Discovery.STATIC, connectTimeout: duration(settings.connectTimeout) };
}

export interface InboundClusterOptions {
  readonly settings: MeshSettings;
  readonly policy: Attachments;
  /** Where the application listens, if not where the connection wanted to go. */
  readonly endpoint?: { readonly address: string; readonly port: number } | { readonly path: string };
  readonly served?: { readonly service: Service; readonly port: ServicePort };
}

/** The application behind a port of the pod. */
export function emitInboundCluster(port: number, protocol: Protocol, options: InboundClusterOptions): Cluster {
  const { settings, policy, endpoint, served } = options;
  const name = inboundCluster(port);
  const altStatName = served ? statName(settings.statNames.inbound, { ...served, target: port }) : {};
  const toSelf = bindConfig(INBOUND_SOURCE);
  if (!endpoint || ('address' in endpoint && endpoint.address === ANY_ADDRESS)) {
    // The pod's own address is where the connection wanted to go; only the port may be another.
    const override = endpoint && endpoint.port !== port ? { originalDstLbConfig: { upstreamPortOverride: uint32(endpoint.port) } } : {};
    return emitOriginal(name, settings, { policy, bind: { ...altStatName, ...toSelf, ...override }, protocol });
  }
  const fragments = inboundFragments(policy, protocol, settings);
  const address = 'path' in endpoint ? { pipe: { path: endpoint.path } } : socketAddress(endpoint.address, endpoint.port);
  return finish(merge<Cluster>(
    {
      name,
      ...altStatName,
      type: Discovery.STATIC,
      connectTimeout: duration(settings.connectTimeout),
      loadAssignment: { clusterName: name, endpoints: [{ lbEndpoints: [{ endpoint: { address } }] }] },
    },
    ...fragments.map((fragment) => fragment.cluster),
  ), mergeHttp(protocol, fragments, settings));
}

interface OriginalOptions {
  readonly policy: Attachments;
  readonly bind: Cluster;
  readonly protocol: Protocol;
  /** What holds for requests. @default what policy and protocol say */
  readonly http?: ClusterHttpProtocolOptions;
}

function emitOriginal(name: string, settings: MeshSettings, { policy, bind, protocol, http }: OriginalOptions): Cluster {
  const fragments = inboundFragments(policy, protocol, settings);
  return finish(merge<Cluster>(
    { name, type: Discovery.ORIGINAL_DST, connectTimeout: duration(settings.connectTimeout), ...bind },
    ...fragments.map((fragment) => fragment.cluster),
  ), http ? withHeaderCase(http, settings.proxy) : mergeHttp(protocol, fragments, settings));
}

function inboundFragments(policy: Attachments, protocol: Protocol, { features }: MeshSettings): ClusterFragment[] {
  return fragmentsOf(policy, {
    direction: 'inbound', protocol, systemTrust: '', mesh: features, mayUseSecrets: false, ejects: false,
  });
}
