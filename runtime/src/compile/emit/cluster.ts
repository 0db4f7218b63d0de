import type { Cluster, ClusterLoadAssignment, TransportSocket } from '../../envoy';
import { Cluster_DiscoveryType as Discovery, Cluster_DnsLookupFamily, Cluster_LbPolicy, duration, uint32 } from '../../envoy';
import type { ClusterContext, ClusterFragment, DestinationPeers, SecretRef, Spread, SpreadContext } from '../../features/emitter';
import { merge } from '../../features/fragment';
import { MAX_SNI } from '../../features/sni';
import type { Attachments } from '../../model/attachment';
import type { Subset } from '../../model/cluster';
import { outboundCluster, sniCluster } from '../../model/cluster';
import { compare } from '../../model/host';
import { spiffeId } from '../../model/identity';
import type { MeshSettings } from '../../model/mesh';
import type { Standpoint } from '../../model/locality';
import type { Reach, Resolution, Service, ServicePort } from '../../model/service';
import { emitDynamicDiscovery } from './dynamic-dns';
import type { ServicePeers } from '../peers';
import type { Selection } from './endpoint';
import { emitEndpoints } from './endpoint';
import type { ProxyClass } from './proxy-class';
import { ADS } from './proxy-class';
import { emittersWith } from './rooms';
import { statName } from './stat-name';
import { finish, mergeHttp } from './upstream-protocol';

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
const SPEAKING = emittersWith('speaksHttp2');
const EJECTING = emittersWith('ejects');
const PANICKING = emittersWith('panics');
const SPREADING = emittersWith('spread');

/** Where endpoints are known before a request comes. */
const CHECKABLE: ReadonlySet<Resolution> = new Set(['endpoints', 'dns', 'dns-round-robin']);

export function emitOutboundCluster(service: Service, port: ServicePort, options: OutboundClusterOptions): EmittedCluster {
  const { proxy, settings, subset, opaque = false } = options;
  const policy = options.policy.overriddenBy(service.features);
  const name = (opaque ? sniCluster : outboundCluster)(port.number, subset?.name ?? '', service.host);
  const protocol = opaque ? 'TCP' : port.protocol;
  const spoken = { protocol, detects: proxy.type === 'sidecar', mesh: settings.features };
  const fragments = fragmentsOf(policy, {
    ...spreadContext(service, policy, settings),
    ...spoken,
    direction: 'outbound',
    http2: SPEAKING.some((emitter) => emitter.speaksHttp2(policy, spoken)),
    opaque,
    looksUpHosts: service.resolution === 'dynamic',
    checkable: CHECKABLE.has(resolutionFor(service, proxy)),
    systemTrust: proxy.systemTrust,
    mayUseSecrets: proxy.type === 'router' || options.selected === true,
    subjectAltNames: ownNames(service, settings),
    peers: destinationPeers(service, port, options),
    panics: !sendsUnready(service, policy),
  });
  const discovery = emitDiscovery(name, { ...options, service, port, resolution: resolutionFor(service, proxy) });
  const altStatName = statName(settings.statNames.outbound, { service, port, subset: subset?.name });
  const base: Cluster = { name, ...altStatName, connectTimeout: duration(settings.connectTimeout), ...discovery };
  const merged = wrapped(merge<Cluster>(base, ...fragments.map((fragment) => fragment.cluster)), policy);
  const cluster = protocol === 'Redis' && settings.switches.redisFilter ? shardByKey(merged) : merged;
  return {
    cluster: finish(cluster, mergeHttp(fragments, { ...spoken, headerCase: settings.proxy })),
    secrets: fragments.flatMap((fragment) => fragment.secrets ?? []),
  };
}

/**
 * Envoy would send to endpoints that are out when half of them are; with a handful of pods that is never what was meant. Those that are not
 * ready are among them, so that proxies know how many are missing, and go elsewhere in time. Istio's `PILOT_AUTO_SEND_UNHEALTHY_ENDPOINTS`.
 */
const CALM: Cluster['commonLbConfig'] = { healthyPanicThreshold: { value: 0 } };

/** All but where a rule wants them to be called (`minHealthPercent`); services that prefer near endpoints have no other measure. */
export function sendsUnready({ distribution }: Reach, policy: Attachments): boolean {
  return distribution !== undefined || !PANICKING.some((emitter) => emitter.panics(policy));
}

/** A SPIFFE identity among them is the same one under each other name of the trust domain, as in Istio (pkg/spiffe, ExpandWithTrustDomains). */
function ownNames({ subjectAltNames }: Service, { trustDomainAliases }: MeshSettings): readonly string[] {
  return subjectAltNames.flatMap((name) => {
    const account = /^spiffe:\/\/[^/]+(\/ns\/[^/]+\/sa\/[^/]+)$/.exec(name)?.[1];
    return account === undefined ? [name] : [...new Set([name, ...trustDomainAliases.map((domain) => `spiffe://${domain}${account}`)])];
  });
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
    names: [...new Set([...accounts, ...ownNames(service, settings)])].sort(compare),
    take: none ? 'none' : goesDirect ? 'all' : 'some',
  };
}

/** The proxy speaks Redis: each key has its server, whatever a policy asks for, as in Istio. */
function shardByKey(cluster: Cluster): Cluster {
  const { leastRequestLbConfig: _least, roundRobinLbConfig: _round, ringHashLbConfig: _ring, ...rest } = cluster;
  return { ...rest, lbPolicy: Cluster_LbPolicy.MAGLEV };
}

export function fragmentsOf(policy: Attachments, context: ClusterContext): ClusterFragment[] {
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
      const unready = sendsUnready(service, policy);
      const loadAssignment = emitEndpoints(name, service.endpoints, { port, labels: subset?.labels, spread, unready, caller, takes });
      return { ...emitDns(resolution === 'dns-round-robin' && isOne(loadAssignment), settings), loadAssignment, commonLbConfig: CALM };
    }
    case 'dynamic':
      return emitDynamicDiscovery(settings);
    case 'original':
      return { type: Discovery.ORIGINAL_DST, lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED, commonLbConfig: CALM, ...emitOwnPort(service, port) };
    default:
      return { type: Discovery.EDS, edsClusterConfig: { edsConfig: ADS, serviceName: name }, commonLbConfig: CALM };
  }
}

/** Connections go to the address that the caller wanted, but what a ServiceEntry has behind a port may listen at another. */
function emitOwnPort({ registry }: Service, { number, targetPort = number }: ServicePort): Cluster {
  return registry === 'external' && targetPort !== number ? { originalDstLbConfig: { upstreamPortOverride: uint32(targetPort) } } : {};
}

/** A subset may have none of the endpoints (Istio leaves the cluster out then: 503 here and there); Envoy takes exactly one whose addresses are all of them. */
function isOne({ endpoints = [] }: ClusterLoadAssignment): boolean {
  return endpoints.length === 1 && endpoints[0].lbEndpoints?.length === 1;
}

/** Istio's `PILOT_DNS_JITTER_DURATION`: names that were asked for together are not asked for together for ever. */
const DNS_JITTER = 100;

/** In Istio's form, although Envoy has a newer one: EnvoyFilters change these fields. */
function emitDns(oneEndpoint: boolean, settings: MeshSettings): Cluster {
  return {
    type: oneEndpoint ? Discovery.LOGICAL_DNS : Discovery.STRICT_DNS,
    dnsLookupFamily: Cluster_DnsLookupFamily.V4_ONLY,
    dnsRefreshRate: duration(settings.dnsRefreshRate),
    dnsJitter: duration(DNS_JITTER),
    respectDnsTtl: true,
  };
}
