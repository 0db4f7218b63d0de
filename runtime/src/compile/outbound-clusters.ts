import type { EncodedResource } from '../model/configuration';
import type { DestinationRule, Subset } from '../model/cluster';
import { NO_POLICY, outboundCluster, settingsFor } from '../model/cluster';
import type { Attachments } from '../model/attachment';
import type { Mesh, MeshSettings } from '../model/mesh';
import type { Origin, Problem } from '../model/problem';
import type { Service, ServicePort } from '../model/service';
import { isDns } from '../model/service';
import type { SecretRef, Spread } from '../features/emitter';
import { Derived, InputCache, ObjectCache } from './cache';
import type { Encoded } from './configuration';
import { byResourceName, encodeOne } from './configuration';
import { emitOutboundCluster, sendsUnready, spreadOf } from './emit/cluster';
import { emitEndpoints } from './emit/endpoint';
import type { ProxyClass } from './emit/proxy-class';
import { emittersWith } from './emit/rooms';
import { emitBlackHoleCluster, emitPassthroughCluster, emitUnknownHostsCluster } from './emit/unknown-cluster';
import type { MeshPeers, NamespacePeers, PeersCompiler } from './peers';
import type { Destinations } from './scope';
import type { KeyedStandpoint } from './view';

export interface OutboundClusters {
  readonly clusters: Encoded;
  readonly secrets: readonly SecretRef[];
  /** What does not hold for proxies that do not know the endpoints beside them. */
  readonly needsPeers: readonly Problem[];
}

/** Everything of one service. */
interface ServiceClusters {
  readonly resources: readonly EncodedResource[];
  readonly secrets: readonly SecretRef[];
}

/** A port of a service, all of its endpoints or those of a subset: what is one cluster in Envoy. */
interface ClusterSource {
  readonly name: string;
  readonly port: ServicePort;
  readonly subset?: Subset;
  readonly policy: Attachments;
  readonly spread?: Spread;
  readonly unready: boolean;
}

interface Sources {
  readonly list: readonly ClusterSource[];
  /** Whether callers of different places prefer different endpoints. */
  readonly spread: boolean;
  readonly needsPeers: readonly Origin[];
}

interface ServiceContext extends ClustersInput {
  readonly settings: MeshSettings;
  readonly peers: MeshPeers;
  /** See `PeersCompiler.direct`. */
  readonly direct?: readonly number[];
}

interface EndpointsContext {
  readonly sources: Sources;
  readonly standpoint: KeyedStandpoint;
  readonly peers: NamespacePeers;
}

export interface ClustersInput {
  /** Of the proxies that see the same. */
  readonly key: string;
  readonly destinations: Destinations;
  readonly proxyClass: ProxyClass;
  readonly standpoint: KeyedStandpoint;
}

/** Clusters and endpoints for everything that can be reached. A change of endpoints never touches a cluster. */
export class OutboundClustersCompiler {
  private readonly all = new InputCache<OutboundClusters>(2);
  private readonly clusterMaps = new InputCache<Encoded>(2);
  private readonly clusters = new ObjectCache<Service, ServiceClusters>();
  private readonly ownClusters = new ObjectCache<MeshSettings, ServiceClusters>();
  private readonly assignments = new InputCache<Encoded>(2);
  private readonly assignmentMaps = new InputCache<Encoded>(2);
  private readonly endpoints = new ObjectCache<Service, readonly EncodedResource[]>();
  /** Their endpoints stand in the clusters, for the proxy looks up their names. */
  private readonly named = new Derived((services: readonly Service[]) => services.filter(isFoundByName));
  private readonly sources = new ObjectCache<Service, Sources>();
  /** Connections to them go where callers wanted to. */
  private readonly direct = new Derived((destinations: Destinations) => destinations.services.filter((service) =>
    !service.meshExternal && (service.resolution === 'original' || goesDirect(destinations.ruleFor(service)))));

  public constructor(private readonly peers: PeersCompiler) {}

  /** What `compileClusters` and `compileEndpoints` need, service by service: others may have their turn in between. */
  public * prepare(input: ClustersInput, mesh: Mesh): Generator<void> {
    const { settings, endpoints } = mesh;
    const { key, destinations, proxyClass, standpoint } = input;
    const peers = this.peers.of(mesh);
    const named = this.named.of(destinations.services).map((service) => endpoints.of(service));
    for (const service of this.all.has(key, [destinations, settings, peers, ...named]) ? [] : destinations.services) {
      const rule = destinations.ruleFor(service);
      this.serviceClusters(namedEndpoints(service, endpoints), rule, { ...input, settings, peers });
      if (needsEndpoints(service, proxyClass)) {
        this.serviceEndpoints(service, endpoints.of(service), {
          sources: this.sourcesOf(service, rule, settings), standpoint, peers: peers.namespaces.of(service.namespace),
        });
      }
      yield;
    }
  }

  public compileClusters(input: ClustersInput, mesh: Mesh): OutboundClusters {
    const { settings, endpoints } = mesh;
    const { key, destinations, proxyClass } = input;
    const peers = this.peers.of(mesh);
    const named = this.named.of(destinations.services).map((service) => endpoints.of(service));
    const direct = this.direct.of(destinations).map((service): [Service, readonly number[]] => [service, this.peers.direct(service, mesh)]);
    return this.all.get(key, [destinations, settings, peers, ...named, ...direct.map(([, ports]) => ports)], () => {
      const directPorts = new Map(direct);
      const services = destinations.services.map((service) =>
        this.serviceClusters(namedEndpoints(service, endpoints), destinations.ruleFor(service), { ...input, settings, peers, direct: directPorts.get(service) }));
      const own = this.ownClusters.get(settings, [proxyClass.type, proxyClass.systemTrust], () => ownClusters(proxyClass, settings));
      const resources = [...services, own].flatMap((one) => one.resources);
      return {
        clusters: this.clusterMaps.get(key, resources, () => byResourceName(resources)),
        secrets: [...services, own].flatMap((one) => one.secrets),
        needsPeers: destinations.services.flatMap((service) => this.sourcesOf(service, destinations.ruleFor(service), settings).needsPeers.map(unaware)),
      };
    });
  }

  public compileEndpoints(input: ClustersInput, mesh: Mesh): Encoded {
    const { endpoints, settings } = mesh;
    const { key, destinations, proxyClass, standpoint } = input;
    const { namespaces } = this.peers.of(mesh);
    return this.assignments.get(key, [destinations, endpoints, settings, namespaces], () => {
      const resources = destinations.services.filter((service) => needsEndpoints(service, proxyClass)).flatMap((service) =>
        this.serviceEndpoints(service, endpoints.of(service), {
          sources: this.sourcesOf(service, destinations.ruleFor(service), settings), standpoint, peers: namespaces.of(service.namespace),
        }));
      return this.assignmentMaps.get(key, resources, () => byResourceName(resources));
    });
  }

  private serviceClusters(
    service: Service, rule: DestinationRule | undefined, { proxyClass, settings, standpoint, peers, direct }: ServiceContext,
  ): ServiceClusters {
    const { type, systemTrust } = proxyClass;
    const sources = this.sourcesOf(service, rule, settings);
    // Endpoints found by DNS stand in the cluster itself.
    const place = sources.spread && service.resolution === 'dns' ? standpoint.key : '';
    const answering = peers.of(service);
    // The same goes for whether they take mutual TLS.
    const own = isDns(service.resolution) ? peers.namespaces.of(service.namespace) : undefined;
    return this.clusters.get(service, [rule, settings, type, systemTrust, place, answering, own, direct], () => {
      const selected = rule?.workloadSelector !== undefined;
      const emitted = sources.list.map(({ name, port, subset, policy }) => {
        const { cluster, secrets } = emitOutboundCluster(service, port, {
          proxy: proxyClass, settings, policy, subset, selected, caller: standpoint, peers: answering, takes: own?.takes, direct,
        });
        return { resource: encodeOne('cluster', name, cluster), secrets };
      });
      return { resources: emitted.map((one) => one.resource), secrets: emitted.flatMap((one) => one.secrets) };
    });
  }

  private serviceEndpoints(
    service: Service, endpoints: ReturnType<Mesh['endpoints']['of']>, { sources, standpoint, peers }: EndpointsContext,
  ): readonly EncodedResource[] {
    return this.endpoints.get(service, [endpoints, sources, sources.spread ? standpoint.key : '', peers], () =>
      sources.list.map(({ name, port, subset, spread, unready }) =>
        encodeOne('endpoint', name, emitEndpoints(name, endpoints, { port, labels: subset?.labels, spread, unready, caller: standpoint, takes: peers.takes }))));
  }

  private sourcesOf(service: Service, rule: DestinationRule | undefined, settings: MeshSettings): Sources {
    return this.sources.get(service, [rule?.policy, rule?.subsets, settings], () => sourcesOf(service, rule, settings));
  }
}

const DIRECT = emittersWith('goesDirect');

function goesDirect(rule: DestinationRule | undefined): boolean {
  const policies = rule ? [rule.policy, ...rule.subsets.map((subset) => subset.policy)] : [];
  return policies.some(({ settings, ports }) => [settings, ...ports.values()].some((one) => DIRECT.some((emitter) => emitter.goesDirect(one))));
}

const withSelected = new ObjectCache<Service, Service>();

/** The names that are looked up are not in the service itself: its selector finds them, or it shares them. */
function isFoundByName({ resolution, selector, sharing }: Service): boolean {
  return isDns(resolution) && (selector ?? sharing) !== undefined;
}

/** A service with the endpoints that its selector found, if they are looked up by name. */
function namedEndpoints(service: Service, endpoints: Mesh['endpoints']): Service {
  const all = isFoundByName(service) ? endpoints.of(service) : service.endpoints;
  return all === service.endpoints ? service : withSelected.get(service, [all], () => ({ ...service, endpoints: all }));
}

/** Those that belong to no service. */
function ownClusters(proxyClass: ProxyClass, settings: MeshSettings): ServiceClusters {
  const sidecar = proxyClass.type === 'sidecar';
  const lookUp = sidecar && settings.outboundTrafficPolicy.mode === 'ALLOW_ANY_DYNAMIC_DNS';
  const unknownHosts = lookUp ? [emitUnknownHostsCluster(proxyClass, settings)] : [];
  // Nobody wanted to go anywhere but to a gateway.
  const clusters = [...(sidecar ? [emitPassthroughCluster(settings)] : []), emitBlackHoleCluster(settings), ...unknownHosts.map((one) => one.cluster)];
  return {
    resources: clusters.map((cluster) => encodeOne('cluster', cluster.name ?? '', cluster)),
    secrets: unknownHosts.flatMap((one) => one.secrets),
  };
}

function sourcesOf(service: Service, rule: DestinationRule | undefined, settings: MeshSettings): Sources {
  const ports = service.resolution === 'alias' ? [] : service.ports.filter((port) => port.protocol !== 'UDP');
  const list = ports.flatMap((port) => [undefined, ...rule?.subsets ?? []].map((subset): ClusterSource => {
    const policy = settings.defaultPolicy.overriddenBy(settingsFor(rule?.policy ?? NO_POLICY, port.number, subset));
    const name = outboundCluster(port.number, subset?.name ?? '', service.host);
    return { name, port, subset, policy, spread: spreadOf(service, policy, settings), unready: sendsUnready(service, policy) };
  }));
  return { list, spread: list.some((one) => one.spread), needsPeers: [...new Set(list.flatMap((one) => one.spread?.needsPeers ?? []))] };
}

/** Istio's control plane writes it into its log (pilot/pkg/networking/core/loadbalancer/loadbalancer.go). */
function unaware({ resource, path }: Origin): Problem {
  const message = 'has no effect on callers whose proxies do not know the endpoints of their own service: '
    + 'set ISTIO_META_ENABLE_SELF_DISCOVERY: "true" in the proxyMetadata of their annotation proxy.istio.io/config, or of MeshConfig\'s defaultConfig';
  return { resource, path, message, severity: 'warning' };
}

function needsEndpoints(service: Service, proxy: ProxyClass): boolean {
  return service.resolution === 'endpoints' || (service.resolution === 'original' && proxy.type === 'router');
}
