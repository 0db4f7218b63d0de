import type { Endpoint } from '../model/endpoint';
import { ownPort } from '../model/endpoint';
import type { Identity } from '../model/identity';
import type { Mesh } from '../model/mesh';
import type { PeerMode, PeerSettings } from '../model/peer';
import { PERMISSIVE_PEERS, peerModeOf } from '../model/peer';
import type { Service } from '../model/service';
import type { Labels } from '../model/workload';
import { selects } from '../model/workload';
import type { AppliedPolicies } from '../model/workload-policy';
import { NO_POLICIES } from '../model/workload-policy';
import { Derived, InputCache, ObjectCache, sameItems } from './cache';
import { emittersWith } from './emit/rooms';
import { groupBy } from './groups';

const PEERS = emittersWith('peers');

/** What policies ask of callers of a workload. */
export function peerSettings(policies: AppliedPolicies, rootNamespace: string): PeerSettings {
  for (const emitter of PEERS) {
    const settings = emitter.peers(policies, rootNamespace);
    if (settings) {
      return settings;
    }
  }
  return PERMISSIVE_PEERS;
}

/** What the workloads of a namespace ask of their callers. The same object for as long as no policy changes that is for some of them. */
export interface NamespacePeers {
  /** Of workloads that no policy selects. */
  readonly mode: PeerMode;
  /** What policies say of a port of the workload. */
  modeOf(endpoint: Endpoint, port: number): PeerMode;
  /** Whether the workload can do so, and does. */
  takes(endpoint: Endpoint, port: number): boolean;
}

/** Who answers for a service, as its callers see it. The same object for as long as nothing of it changes. */
export interface ServicePeers {
  /** In a stable order. */
  readonly identities: readonly Identity[];
  /** Mutual TLS is off in its namespace. */
  readonly disabled: boolean;
}

/** What callers must know of those that they call. The same object as before while no service has other accounts or other policies. */
export interface MeshPeers {
  of(service: Service): ServicePeers;
  /** The same for as long as no policy changes. */
  readonly namespaces: NamespaceIndex;
}

export interface NamespaceIndex {
  of(namespace: string): NamespacePeers;
}

/** Finds out what policies say of the workloads of each namespace. */
export class NamespacesCompiler {
  private readonly policies = new InputCache<AppliedPolicies>(1);
  private readonly peerPolicies = new Derived((all: AppliedPolicies) => all.filter((one) => one.kind === 'PeerAuthentication'));
  private readonly indexes = new InputCache<NamespaceIndex>(1);
  private readonly namespaces = new InputCache<NamespacePeers>(2);

  public of({ policies, settings: { rootNamespace } }: Pick<Mesh, 'policies' | 'settings'>): NamespaceIndex {
    const all = this.peerPolicies.of(policies);
    return this.indexes.get('', [this.policies.get('', all, () => all), rootNamespace], () => {
      const byNamespace = groupBy(all, (one) => one.namespace);
      const root = byNamespace.get(rootNamespace) ?? NO_POLICIES;
      const found = new Map<string, NamespacePeers>();
      return {
        of: (namespace) => {
          let peers = found.get(namespace);
          if (!peers) {
            const applied = namespace === rootNamespace ? root : [...root, ...byNamespace.get(namespace) ?? NO_POLICIES];
            peers = this.namespaces.get(namespace, [rootNamespace, ...applied], () => makeNamespace(applied, rootNamespace));
            found.set(namespace, peers);
          }
          return peers;
        },
      };
    });
  }
}

/** Finds out who answers calls, and how. */
export class PeersCompiler {
  private readonly namespaces = new NamespacesCompiler();
  private readonly known = new InputCache<ServicePeers>(1);
  private readonly peers = new ObjectCache<Service, ServicePeers>(2);
  private readonly directs = new ObjectCache<Service, readonly number[]>(2);
  private readonly knownPorts = new InputCache<readonly number[]>(1);
  private readonly identities = new Derived(identitiesOf);
  private latest?: { readonly inputs: readonly unknown[]; readonly found: readonly ServicePeers[]; readonly peers: MeshPeers };

  public of(mesh: Mesh): MeshPeers {
    const { services, endpoints } = mesh;
    const namespaces = this.namespaces.of(mesh);
    const inputs = [services, endpoints, namespaces];
    if (this.latest && sameItems(this.latest.inputs, inputs)) {
      return this.latest.peers;
    }
    const found = services.map((service) => this.peersOf(service, mesh, namespaces));
    const { latest } = this;
    const same = latest?.inputs[0] === services && latest.peers.namespaces === namespaces && sameItems(latest.found, found);
    const peers = same ? latest.peers : this.meshPeers(mesh, found, namespaces);
    this.latest = { inputs, found, peers };
    return peers;
  }

  /** Services that a namespace sees in a way of its own are found out when they are asked for. */
  private meshPeers(mesh: Mesh, found: readonly ServicePeers[], namespaces: NamespaceIndex): MeshPeers {
    const byService = new Map(mesh.services.map((service, i) => [service, found[i]]));
    return { namespaces, of: (service) => byService.get(service) ?? this.peersOf(service, mesh, namespaces) };
  }

  private peersOf(service: Service, { endpoints }: Mesh, namespaces: NamespaceIndex): ServicePeers {
    const list = endpoints.of(service);
    const own = namespaces.of(service.namespace);
    return this.peers.get(service, [list, own], () => {
      const peers = { identities: this.identities.of(list), disabled: own.mode === 'DISABLE' };
      // Of equal ones one stands for all.
      return this.known.get(JSON.stringify(peers), [], () => peers);
    });
  }

  /** Ports of the service at which all of its endpoints take mutual TLS: what counts where it is not the proxy that chooses one. */
  public direct(service: Service, mesh: Mesh): readonly number[] {
    const list = mesh.endpoints.of(service);
    const own = this.namespaces.of(mesh).of(service.namespace);
    return this.directs.get(service, [list, own], () => {
      const ports = list.length === 0 ? [] : service.ports
        .filter((port) => list.every((endpoint) => own.takes(endpoint, ownPort(endpoint, port.name) ?? port.targetPort ?? port.number)))
        .map((port) => port.number);
      return this.knownPorts.get(ports.join(), [], () => ports);
    });
  }
}

function makeNamespace(policies: AppliedPolicies, rootNamespace: string): NamespacePeers {
  const settings = new WeakMap<Labels, PeerSettings>();
  const settingsOf = (labels: Labels): PeerSettings => {
    let own = settings.get(labels);
    if (!own) {
      own = peerSettings(policies.filter(({ selector }) => selects(selector ?? {}, labels)), rootNamespace);
      settings.set(labels, own);
    }
    return own;
  };
  const { mode } = peerSettings(policies.filter(({ selector }) => Object.keys(selector ?? {}).length === 0), rootNamespace);
  const modeAt = (endpoint: Endpoint, port: number) => peerModeOf(settingsOf(endpoint.labels), port);
  return { mode, modeOf: modeAt, takes: (endpoint, port) => isCaptured(endpoint, port) && modeAt(endpoint, port) !== 'DISABLE' };
}

function isCaptured({ mutualTls }: Endpoint, port: number): boolean {
  return mutualTls !== undefined && (mutualTls.only?.includes(port) ?? true) && !mutualTls.except.includes(port);
}

function identitiesOf(endpoints: readonly Endpoint[]): readonly Identity[] {
  const byName = new Map(endpoints.flatMap(({ identity }): [string, Identity][] =>
    (identity ? [[`${identity.namespace}/${identity.serviceAccount}`, identity]] : [])));
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, identity]) => identity);
}
