import { FINISHERS } from '../../features';
import { UNSUPPORTED } from '../../features/unsupported';
import type { DestinationRule } from '../../model/cluster';
import type { Gateway, Sidecar } from '../../model/listener';
import type { Mesh, MeshSettings } from '../../model/mesh';
import type { Problem } from '../../model/problem';
import type { ProxyConfig } from '../../model/proxy-config';
import type { VirtualService } from '../../model/route';
import type { Service } from '../../model/service';
import { byAge } from '../../model/service';
import type { Snapshot } from '../../model/snapshot';
import type { WorkloadEntry } from '../../model/workload-entry';
import { resourcesOf } from '../../model/snapshot';
import { KEY_SETS } from '../../model/key-set';
import type { Switches } from '../../model/switches';
import { DEFAULT_SWITCHES } from '../../model/switches';
import { Derived, InputCache } from '../cache';
import { groupBy } from '../groups';
import { PolicyLinks } from '../policy-links';
import { PeerProblems } from '../peer-problems';
import { RuleProblems } from '../rule-problems';
import { DefaultVisibility } from './default-visibility';
import { DelegatesReader } from './delegate';
import { readDestinationRule } from './destination-rule';
import { Discovery } from './discovery';
import { EndpointsReader } from './endpoints';
import { readGateway } from './gateway';
import { GatewayApiReader } from './gateway-api';
import type { OwnedRules } from './host-ownership';
import { HostOwnership, isStrict } from './host-ownership';
import { IngressReader } from './ingress';
import { JoinedLists } from './joined-lists';
import { KindReader } from './kind';
import { DEFAULT_SETTINGS, meshConfigMap, readMeshConfig } from './mesh-config';
import { SecretsReader } from './secrets';
import { readProxyConfig } from './proxy-config';
import { readService } from './service';
import { readServiceEntry } from './service-entry';
import { readSidecar } from './sidecar';
import { TopologyReader } from './topology';
import { readUnsupported } from './unsupported';
import { AliasReader } from './aliases';
import { SameHostReader } from './same-host';
import { readVirtualService } from './virtual-service';
import { WorkloadPoliciesReader } from './workload-policy';
import { readUnusableNames, readWorkloadEntry } from './workload';

const ISTIO = 'networking.istio.io';

/** Turns Snapshots into a Mesh. What belongs to unchanged objects is the same as before, object by object. */
export class MeshReader {
  private readonly settings = new KindReader<MeshSettings>(readMeshConfig);
  private readonly discovery = new Discovery();
  private readonly services = new KindReader<Service>(readService);
  private readonly serviceEntries = new KindReader<Service>(readServiceEntry);
  private readonly virtualServices = new KindReader<VirtualService>(readVirtualService, byAge);
  private readonly delegates = new DelegatesReader();
  private readonly destinationRules = new KindReader<DestinationRule>(readDestinationRule, byAge);
  private readonly gateways = new KindReader<Gateway>(readGateway, byAge);
  private readonly gatewayApi = new GatewayApiReader();
  private readonly ingress = new IngressReader();
  private readonly joined = new JoinedLists();
  private readonly sidecars = new KindReader<Sidecar>(readSidecar, byAge);
  private readonly workloadEntries = new KindReader<WorkloadEntry>(readWorkloadEntry);
  private readonly sameHosts = new SameHostReader();
  private readonly aliases = new AliasReader();
  private readonly proxyConfigs = new KindReader<ProxyConfig>(readProxyConfig, byAge);
  private readonly policies = new WorkloadPoliciesReader();
  private readonly links = new PolicyLinks();
  private readonly unsupported = new KindReader<never>(readUnsupported);
  private readonly topology = new TopologyReader();
  private readonly endpoints = new EndpointsReader(this.topology);
  private readonly secrets = new SecretsReader();
  private readonly unusable = new InputCache<readonly Problem[]>();
  private readonly registries = new InputCache<Registry>();
  private readonly serviceVisibility = new DefaultVisibility<Service>();
  private readonly ruleVisibility = new DefaultVisibility<VirtualService>();
  private readonly ownership = new HostOwnership();
  private readonly routeOwnership = new HostOwnership();
  private readonly ruleProblems = new RuleProblems();
  private readonly peerProblems = new PeerProblems();
  private readonly finishing = FINISHERS.map(({ groupKind, read }) => ({ groupKind, reader: new KindReader<object>(read) }));
  private readonly switched = new Derived((settings: MeshSettings): MeshSettings => ({ ...settings, switches: this.switches }));
  private latest?: { readonly snapshot: Snapshot; readonly mesh: Mesh };

  public constructor(private readonly switches: Switches = DEFAULT_SWITCHES) {}

  public read(snapshot: Snapshot): Mesh {
    if (this.latest?.snapshot !== snapshot) {
      this.latest = { snapshot, mesh: this.readMesh(snapshot) };
    }
    return this.latest.mesh;
  }

  /** Reads the objects of which there may be many, one by one: others may have their turn in between, and `read` finds them read. */
  public * prepare(snapshot: Snapshot): Generator<void> {
    const many: readonly [string, Pick<KindReader<unknown>, 'prepare'>][] = [
      ['/Service', this.services], [`${ISTIO}/ServiceEntry`, this.serviceEntries], [`${ISTIO}/VirtualService`, this.virtualServices],
      [`${ISTIO}/DestinationRule`, this.destinationRules], [`${ISTIO}/Sidecar`, this.sidecars], [`${ISTIO}/Gateway`, this.gateways],
    ];
    for (const [kind, reader] of this.latest?.snapshot === snapshot ? [] : many) {
      yield* reader.prepare(resourcesOf(snapshot, kind));
    }
  }

  private readMesh(whole: Snapshot): Mesh {
    const read = this.settings.read(meshConfigMap(resourcesOf(whole, '/ConfigMap')));
    const given = read.values[0] ?? DEFAULT_SETTINGS;
    const { snapshot, problems: unseen } = this.discovery.of(whole, given);
    const kinds: Kinds = (kind) => resourcesOf(snapshot, kind);
    const settings = this.switched.of(given);
    const hosts = this.readHosts(kinds, given);
    const { registry, endpoints } = hosts;
    const rules = this.readRules(kinds, given);
    const { api, ingress } = this.readEdges(kinds, given, hosts);
    const routing = this.readRouting(kinds, registry, { own: rules.exported, api: api.virtualServices });
    const finishing = this.finishing.map(({ groupKind, reader }) => ({ groupKind, reading: reader.read(kinds(groupKind)) }));
    const proxyConfigs = this.proxyConfigs.read(kinds(`${ISTIO}/ProxyConfig`));
    const policies = this.policies.read(snapshot);
    const linked = this.links.of({ policies: policies.values, keySets: kinds(KEY_SETS), servicesByHost: registry.servicesByHost, settings });
    const { destinationRules, gateways, sidecars } = rules;
    const readings = [...finishing.map((one) => one.reading), read, ...hosts.readings, ...rules.readings, api, ingress, proxyConfigs, policies, linked];
    const edges = this.joined.gateways(gateways, [...api.gateways, ...ingress.gateways]);
    return {
      settings,
      ...registry,
      virtualServices: this.joined.virtualServices(routing.own.rules, [...routing.api.rules, ...ingress.virtualServices]),
      destinationRules: this.joined.destinationRules(destinationRules, api.destinationRules),
      gateways: edges,
      sidecars,
      proxyConfigs: proxyConfigs.values,
      policies: linked.policies,
      wantedKeys: linked.wanted,
      linkedHosts: linked.hosts,
      endpoints,
      places: this.topology.index(kinds('/Pod'), kinds('/Node')),
      secrets: this.secrets.read(kinds('/Secret'), kinds('/ConfigMap')),
      finishing: new Map(finishing.map(({ groupKind, reading }) => [groupKind, reading.values])),
      statuses: api.statuses,
      problems: [
        ...readings.flatMap((reading): readonly Problem[] => reading.problems),
        ...this.peerProblems.of({ servicesByHost: registry.servicesByHost, endpoints, destinationRules, gateways: edges, policies: policies.values, settings }),
        ...unseen, ...hosts.problems, ...this.readUnsupported(kinds), ...routing.own.problems, ...routing.api.problems, ...this.ruleProblems.of(routing.own.rules, gateways),
      ],
    };
  }

  /** The services by their hosts, and where their pods are. */
  private readHosts(kinds: Kinds, { exportedTo }: MeshSettings): Hosts {
    const services = this.services.read(kinds('/Service'));
    const entries = this.serviceEntries.read(kinds(`${ISTIO}/ServiceEntry`));
    const workloadEntries = this.workloadEntries.read(kinds(`${ISTIO}/WorkloadEntry`));
    const { problems, ...registry } = this.registry(services.values, entries.values, exportedTo.services);
    const unusable = this.unusable.get('', [workloadEntries.values, registry.services], () => readUnusableNames(workloadEntries.values, registry.services));
    const endpoints = this.endpoints.read({
      slices: kinds('discovery.k8s.io/EndpointSlice'), pods: kinds('/Pod'), nodes: kinds('/Node'), workloadEntries: workloadEntries.values,
    });
    return { registry, endpoints, readings: [services, entries, workloadEntries], problems: [...problems, ...unusable] };
  }

  /** What Istio's own objects say about traffic. */
  private readRules(kinds: Kinds, { exportedTo }: MeshSettings): Rules {
    const given = kinds(`${ISTIO}/VirtualService`);
    const virtualServices = this.delegates.read(given, this.virtualServices.read(given), exportedTo.virtualServices);
    const destinationRules = this.destinationRules.read(kinds(`${ISTIO}/DestinationRule`));
    const gateways = this.gateways.read(kinds(`${ISTIO}/Gateway`));
    const sidecars = this.sidecars.read(kinds(`${ISTIO}/Sidecar`));
    return {
      exported: this.ruleVisibility.of(virtualServices.values, exportedTo.virtualServices),
      destinationRules: destinationRules.values, gateways: gateways.values, sidecars: sidecars.values,
      readings: [virtualServices, destinationRules, gateways, sidecars],
    };
  }

  /** The other ways to write what comes in. */
  private readEdges(kinds: Kinds, given: MeshSettings, { registry: { servicesByHost }, endpoints }: Hosts) {
    return {
      api: this.gatewayApi.read({ kinds, servicesByHost, endpoints }),
      ingress: this.ingress.read({ kinds, settings: given.ingress, servicesByHost }),
    };
  }

  /** Rules for the hosts of others are left out where the mesh says so. */
  private readRouting(kinds: Kinds, registry: Hosts['registry'], { own, api }: Record<'own' | 'api', readonly VirtualService[]>): Record<'own' | 'api', OwnedRules> {
    const strict = isStrict(kinds('admissionregistration.k8s.io/ValidatingAdmissionPolicy'));
    return {
      own: strict ? this.ownership.read(own, registry) : { rules: own, problems: [] },
      api: strict ? this.routeOwnership.read(api, registry) : { rules: api, problems: [] },
    };
  }

  private readUnsupported(kinds: Kinds): readonly Problem[] {
    return Object.keys(UNSUPPORTED).flatMap((kind): readonly Problem[] => this.unsupported.read(kinds(kind)).problems);
  }

  private registry(own: readonly Service[], entries: readonly Service[], exportedTo: readonly string[] | undefined): Registry {
    const all = [this.serviceVisibility.of(own, exportedTo), this.serviceVisibility.of(entries, exportedTo)];
    return this.registries.get('', all, () => {
      const merged = this.sameHosts.read(all.flat().sort(byAge));
      const { services, problems } = this.aliases.read(merged.services);
      return { services, servicesByHost: groupBy(services, (one) => one.host), problems: [...merged.problems, ...problems] };
    });
  }
}

type Registry = Pick<Mesh, 'services' | 'servicesByHost' | 'problems'>;

type Kinds = (kind: string) => ReturnType<typeof resourcesOf>;

interface Hosts {
  readonly registry: Omit<Registry, 'problems'>;
  readonly endpoints: Mesh['endpoints'];
  readonly readings: readonly WithProblems[];
  readonly problems: readonly Problem[];
}

interface Rules extends Pick<Mesh, 'destinationRules' | 'gateways' | 'sidecars'> {
  /** VirtualServices, with what holds where they do not say who may see them. */
  readonly exported: readonly VirtualService[];
  readonly readings: readonly WithProblems[];
}

interface WithProblems {
  readonly problems: readonly Problem[];
}
