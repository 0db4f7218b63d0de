import type { Attachments } from '../model/attachment';
import { ownPort } from '../model/endpoint';
import type { EncodedResource } from '../model/configuration';
import { NO_POLICY, settingsFor, sniCluster } from '../model/cluster';
import type { Mesh } from '../model/mesh';
import type { Service } from '../model/service';
import { InputCache } from './cache';
import type { Encoded } from './configuration';
import { byResourceName, encodeOne } from './configuration';
import { passedOnServices } from './edge-sni';
import { emitOutboundCluster, sendsUnready } from './emit/cluster';
import { emitEndpoints } from './emit/endpoint';
import { emittersWith } from './emit/rooms';
import type { ClustersInput } from './outbound-clusters';
import type { MeshPeers, PeersCompiler } from './peers';

export interface SniClusters {
  readonly clusters: Encoded;
  readonly endpoints: Encoded;
}

const NONE: SniClusters = { clusters: new Map(), endpoints: new Map() };

/** What gateways of several networks pass connections on to. Few gateways have any. */
export class SniClustersCompiler {
  private readonly all = new InputCache<SniClusters>(2);

  public constructor(private readonly peers: PeersCompiler) {}

  public compile({ key, destinations, proxyClass }: ClustersInput, mesh: Mesh, hosts: readonly string[]): SniClusters {
    if (hosts.length === 0) {
      return NONE;
    }
    const { settings, endpoints } = mesh;
    const { namespaces } = this.peers.of(mesh);
    return this.all.get(key, [destinations, settings, endpoints, namespaces, hosts.join()], () => {
      const made = passedOnServices(destinations, hosts).flatMap((service) => encodeService(service, { destinations, proxyClass, settings, endpoints, namespaces }));
      return {
        clusters: byResourceName(made.map((one) => one.cluster)),
        endpoints: byResourceName(made.flatMap((one) => one.endpoints ?? [])),
      };
    });
  }
}

const ASKING = emittersWith('asksPeer');

/** Whether a rule says that the destination takes mutual TLS; undefined: none does (pilot/pkg/xds/endpoints/mtls_checker.go). */
function asksPeer(policy: Attachments): boolean | undefined {
  return ASKING.map((emitter) => emitter.asksPeer(policy)?.mutual).find((mutual) => mutual !== undefined);
}

type Context = Pick<ClustersInput, 'destinations' | 'proxyClass'> & Pick<Mesh, 'settings' | 'endpoints'> & Pick<MeshPeers, 'namespaces'>;

function encodeService(service: Service, context: Context): { cluster: EncodedResource; endpoints?: EncodedResource }[] {
  const { destinations, proxyClass: proxy, settings, endpoints, namespaces } = context;
  const rule = destinations.ruleFor(service);
  return service.ports.filter(({ protocol }) => protocol !== 'UDP').flatMap((port) => [undefined, ...rule?.subsets ?? []].map((subset) => {
    const name = sniCluster(port.number, subset?.name ?? '', service.host);
    const policy = settingsFor(rule?.policy ?? NO_POLICY, port.number, subset);
    const { cluster } = emitOutboundCluster(service, port, { proxy, settings, policy, subset, opaque: true });
    const { takes } = namespaces.of(service.namespace);
    const asked = asksPeer(policy);
    // What is passed on is mutual TLS: who does not take it is not for callers from elsewhere. A rule about TLS is taken at its word.
    const taking = endpoints.of(service).filter((endpoint) => asked ?? takes(endpoint, ownPort(endpoint, port.name) ?? port.targetPort ?? port.number));
    return {
      cluster: encodeOne('cluster', name, cluster),
      ...(cluster.edsClusterConfig && { endpoints: encodeOne('endpoint', name, emitEndpoints(name, taking, { port, labels: subset?.labels, unready: sendsUnready(service, policy) })) }),
    };
  }));
}
