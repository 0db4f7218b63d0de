import type { Configuration, EncodedResource } from '../model/configuration';
import type { Mesh } from '../model/mesh';
import type { Problem } from '../model/problem';
import type { Proxy } from '../model/proxy';
import type { Snapshot } from '../model/snapshot';
import { InputCache, ObjectCache } from './cache';
import type { Encoded } from './configuration';
import { configurationOf } from './configuration';
import { EdgeCompiler } from './edge';
import type { Parts } from './finish';
import { FinishCompiler } from './finish';
import { InboundCompiler } from './inbound';
import { knowsItself, LocalClusterCompiler } from './local-cluster';
import { NameTables } from './names';
import type { Names } from './names';
import { OutboundCompiler } from './outbound';
import type { ClustersInput } from './outbound-clusters';
import { OutboundClustersCompiler } from './outbound-clusters';
import type { Switches } from '../model/switches';
import { PeersCompiler } from './peers';
import { policyProblems } from './policy-problems';
import { ProxyConfigs } from './proxy-config';
import { MeshReader } from './read/mesh';
import type { Sight } from './rule-steps';
import { RuleSteps } from './rule-steps';
import { ScopeCompiler, listenersOf } from './scope';
import { SecretsCompiler } from './secrets';
import { SniClustersCompiler } from './sni-clusters';
import type { View } from './view';
import { ViewFinder } from './view';
import { WorkloadPolicies } from './workload-policies';

export { parseNode } from './node';
export { readSwitches } from './switches';
export { readBootstrapPatches, readProxyStart } from './proxy-start';
export { resolveGateway } from './read/virtual-service';
export { secretEntries } from './read/secrets';
export { TopologyReader } from './read/topology';
export type { Names } from './names';

export interface Compiled {
  readonly configuration: Configuration;
  /** Those of all objects (`Compiler.problems`), and those that concern this proxy only. */
  readonly problems: readonly Problem[];
}

/**
 * Turns accepted snapshots into the configuration of proxies. A pure function, with a memory: what was made of the same objects before is
 * the same result, byte by byte and object by object, so that an edit costs what it changes.
 */
export class Compiler {
  private readonly views = new ViewFinder();
  private readonly proxyConfigs = new ProxyConfigs();
  private readonly policies = new WorkloadPolicies();
  private readonly scopes = new ScopeCompiler();
  private readonly peers = new PeersCompiler();
  private readonly clusters = new OutboundClustersCompiler(this.peers);
  private readonly outbound = new OutboundCompiler();
  private readonly inbound = new InboundCompiler();
  private readonly edge = new EdgeCompiler();
  private readonly sniClusters = new SniClustersCompiler(this.peers);
  private readonly localClusters = new LocalClusterCompiler();
  private readonly secrets = new SecretsCompiler();
  private readonly finisher = new FinishCompiler();
  private readonly nameTables = new NameTables();
  private readonly unions = new InputCache<Encoded>(2);
  private readonly clusterUnions = new ObjectCache<Encoded, Encoded>();
  private readonly listenerUnions = new ObjectCache<Encoded, Encoded>();
  private readonly configurations = new ObjectCache<Proxy, Configuration>(2);
  private readonly sidecars = new ObjectCache<Proxy, Compiled & { readonly sight: Sight }>(1);
  private readonly latest = new WeakMap<Proxy, Latest>();
  private readonly steps = new RuleSteps((before, after) => this.views.sameClasses(before, after));
  private readonly ownViews = new ObjectCache<View, View>(2);

  private readonly reader: MeshReader;

  public constructor(switches?: Switches) {
    this.reader = new MeshReader(switches);
  }

  public compile(snapshot: Snapshot, proxy: Proxy): Compiled {
    const mesh = this.reader.read(snapshot);
    let known = this.latest.get(proxy);
    if (known?.mesh !== mesh) {
      known = known && this.steps.isForOthers(known.mesh, mesh, known.sight) ? { ...known, mesh } : { mesh, ...this.compileOwn(mesh, proxy) };
      this.latest.set(proxy, known);
    }
    const { configuration, problems } = known;
    return { configuration, problems: problems.length > 0 ? [...mesh.problems, ...problems] : mesh.problems };
  }

  /**
   * Makes what `compile` needs and what is not made yet, piece by piece: whoever goes through it can let others have their turn between two
   * pieces. Of most edits there is nothing to prepare.
   */
  public * prepare(snapshot: Snapshot, proxy: Proxy): Generator<void> {
    yield* this.reader.prepare(snapshot);
    const mesh = this.reader.read(snapshot);
    const known = this.latest.get(proxy)?.mesh;
    if (known && this.steps.isOfRules(known, mesh)) {
      return;
    }
    yield;
    const { own, view } = this.lookAt(mesh, proxy);
    const { key, proxyClass, standpoint } = view;
    const scope = this.scopes.compile(own, view);
    yield* this.clusters.prepare({ key, destinations: scope.destinations, proxyClass, standpoint }, own);
    if (proxy.type === 'router') {
      yield* this.edge.prepare({ key, mesh: own, proxy, scope, policies: this.policies.of(own, proxy) });
    } else {
      yield* this.outbound.prepare({ key, scope, settings: own.settings });
    }
  }

  /** The problems are those of the proxy alone. */
  private compileOwn(mesh: Mesh, proxy: Proxy): Compiled & { readonly sight: Sight } {
    const { own, view, problems: ownProblems } = this.lookAt(mesh, proxy);
    const { configuration, problems: found, sight } = proxy.type === 'router'
      ? this.finish(own, proxy, this.compileRouter(own, proxy, view))
      : this.sidecars.get(proxy, this.sidecarInputs(own, proxy, view), () => this.finish(own, proxy, this.compileSidecar(own, proxy, view)));
    return { configuration, sight, problems: found.length > 0 ? [...ownProblems, ...found] : ownProblems };
  }

  /** Everything that is looked at for a sidecar: of rules those that it imports, so that an edit of the others ends here. */
  private sidecarInputs(mesh: Mesh, proxy: Proxy, view: View): unknown[] {
    const { settings, services, destinationRules, endpoints, secrets, finishing, linkedHosts } = mesh;
    const policies = this.policies.of(mesh, proxy);
    return [
      view, settings, policies, linkedHosts, this.peers.of(mesh), services, destinationRules, endpoints, secrets, ...finishing.values(),
      ...this.scopes.rulesOf(mesh, view),
    ];
  }

  private finish(mesh: Mesh, proxy: Proxy, made: CompiledParts): Compiled & { readonly sight: Sight } {
    const { parts, problems } = this.finisher.finish(mesh, proxy, made.parts);
    const configuration = this.configurations.get(proxy, Object.values(parts), () => configurationOf(parts));
    return { configuration, sight: made.sight, problems: [...made.problems, ...problems] };
  }

  /** What is wrong with the objects of a snapshot, whoever uses them. */
  public problems(snapshot: Snapshot): readonly Problem[] {
    return this.reader.read(snapshot).problems;
  }

  /** Public keys of issuers that somebody has to fetch, and put into the next Snapshot. */
  public wantedKeys(snapshot: Snapshot): Mesh['wantedKeys'] {
    return this.reader.read(snapshot).wantedKeys;
  }

  /** The trust domain of a snapshot's mesh, others under which its workloads are known, and whom else they trust. */
  public trust(snapshot: Snapshot): { readonly domain: string; readonly aliases: readonly string[]; readonly foreignRoots: Mesh['settings']['foreignRoots'] } {
    const { trustDomain, trustDomainAliases, foreignRoots } = this.reader.read(snapshot).settings;
    return { domain: trustDomain, aliases: trustDomainAliases, foreignRoots };
  }

  /** What the proxy's application is to be told of hosts that have addresses in the mesh only; undefined: nothing, the proxy does not say. */
  public names(snapshot: Snapshot, proxy: Proxy): Names | undefined {
    const mesh = this.reader.read(snapshot);
    const view = this.views.viewOf(mesh, proxy);
    return view.tellsNames ? this.nameTables.of(this.scopes.compile(mesh, view)) : undefined;
  }

  /** What the proxy sees, and the mesh with the settings that hold for it. */
  private lookAt(mesh: Mesh, proxy: Proxy): { readonly own: Mesh; readonly view: View; readonly problems: readonly Problem[] } {
    const view = this.views.viewOf(mesh, proxy);
    const { settings: ofProxy, problems } = this.proxyConfigs.of(mesh, proxy);
    const settings = this.proxyConfigs.meshSettings(mesh, ofProxy);
    return settings === mesh.settings
      ? { own: mesh, view, problems }
      : { own: { ...mesh, settings }, view: this.ownViews.get(view, [ofProxy], () => ({ ...view, key: `${view.key} ${JSON.stringify(ofProxy)}` })), problems };
  }

  private compileSidecar(mesh: Mesh, proxy: Proxy, view: View): CompiledParts {
    const { key, proxyClass, sidecar, standpoint } = view;
    const scope = this.scopes.compile(mesh, view);
    const reach: ClustersInput = { key, destinations: scope.destinations, proxyClass, standpoint };
    const { clusters, secrets, needsPeers } = this.clusters.compileClusters(reach, mesh);
    const outbound = this.outbound.compile({ key, scope, settings: mesh.settings }, mesh, proxy.addresses);
    const inbound = this.inbound.compile(mesh, proxy, { sidecar, destinations: scope.destinations, policies: this.policies.of(mesh, proxy) });
    return {
      parts: {
        cluster: this.clusterUnions.get(inbound.clusters, [clusters], () => union(clusters, inbound.clusters)),
        endpoint: this.joined(`${key} endpoints`, this.clusters.compileEndpoints(reach, mesh), this.localClusters.compile(mesh, proxy)),
        listener: this.listenerUnions.get(inbound.listeners, [outbound.listeners], () => union(outbound.listeners, inbound.listeners)),
        route: outbound.routes,
        secret: this.secrets.compile([...secrets, ...inbound.secrets], mesh, proxy.namespace),
        extension: NO_EXTENSIONS,
      },
      problems: knowsItself(proxy) ? inbound.problems : [...inbound.problems, ...needsPeers],
      sight: { listeners: listenersOf(sidecar) },
    };
  }

  private joined(key: string, some: Encoded, others: Encoded): Encoded {
    return others.size === 0 ? some : this.unions.get(key, [some, others], () => union(some, others));
  }

  private compileRouter(mesh: Mesh, proxy: Proxy, view: View): CompiledParts {
    const { key, proxyClass, standpoint } = view;
    const scope = this.scopes.compile(mesh, view);
    const reach: ClustersInput = { key, destinations: scope.destinations, proxyClass, standpoint };
    const { clusters, secrets, needsPeers } = this.clusters.compileClusters(reach, mesh);
    const policies = this.policies.of(mesh, proxy);
    const edge = this.edge.compile({ key, mesh, proxy, scope, policies });
    const doubts = policyProblems({ side: 'edge', settings: mesh.settings, policies, ports: [] });
    const endpoints = this.clusters.compileEndpoints(reach, mesh);
    const sni = this.sniClusters.compile(reach, mesh, edge.passedOn);
    return {
      parts: {
        cluster: this.joined(`${key} clusters`, clusters, sni.clusters),
        endpoint: this.joined(`${key} local`, this.joined(`${key} endpoints`, endpoints, sni.endpoints), this.localClusters.compile(mesh, proxy)),
        listener: edge.listeners,
        route: edge.routes,
        secret: this.secrets.compile([...secrets, ...edge.secrets], mesh, proxy.namespace),
        extension: NO_EXTENSIONS,
      },
      problems: [...edge.problems, ...doubts, ...(knowsItself(proxy) ? [] : needsPeers)],
      sight: { gateways: edge.gateways },
    };
  }
}

/** Only who acts on finished resources has any. */
const NO_EXTENSIONS: Encoded = new Map();

/** A snapshot in the control plane's own terms, for those who show it to people. */
export function readMesh(snapshot: Snapshot): Mesh {
  return new MeshReader().read(snapshot);
}

interface CompiledParts {
  readonly parts: Parts;
  readonly problems: readonly Problem[];
  readonly sight: Sight;
}

/** What was made for a proxy last, and of which mesh; its problems alone. */
interface Latest extends Compiled {
  readonly mesh: Mesh;
  readonly sight: Sight;
}

function union(some: Encoded, others: Iterable<readonly [string, EncodedResource]>): Encoded {
  const all = new Map(some);
  for (const [name, resource] of others) {
    all.set(name, resource);
  }
  return all;
}
