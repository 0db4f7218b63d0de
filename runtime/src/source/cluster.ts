import { Injector } from '../inject';
import type { InjectorOptions } from '../inject';
import type { Service } from '../kubernetes';
import type { Problem, ResourceRef } from '../model/problem';
import type { Resource } from '../model/resource';
import { groupKind, resourceKey } from '../model/snapshot';
import type { Snapshot } from '../model/snapshot';
import { GatewayController } from './gateway-controller';
import { InstalledGateways } from './installed-gateways';
import { Intake } from './intake';
import type { Change } from './intake';
import { identity } from './object';
import type { Origin, SourceObject } from './object';
import { PodController } from './pod-controller';
import type { PodChange, Readiness } from './pod-controller';
import { WORKLOAD_KINDS } from './pods';
import { ServiceController } from './service-controller';
import { ServiceEntryController } from './service-entry-controller';
import { Store } from './store';

export interface ClusterOptions {
  /** Which pods are injected, and what their sidecars look like. @default - every pod that does not refuse */
  readonly injection?: InjectorOptions;
  /** @default 'assumed' */
  readonly readiness?: Readiness;
  /** Whether the gateways of Istio's installer stand where they are selected and nobody has them. @default false */
  readonly installedGateways?: boolean;
}

/**
 * A Kubernetes cluster on one machine, as far as a mesh sees it: takes objects like the API server, does the controllers' work and shows the
 * world as Snapshots. What it makes of the same objects is the same on every machine; an edit changes nothing that it is not about.
 */
export class Cluster {
  private readonly intake = new Intake();
  private readonly store = new Store();
  private readonly pods: PodController;
  private readonly services = new ServiceController(this.store);
  private readonly entries = new ServiceEntryController();
  private readonly gateways: GatewayController;
  private readonly installed: InstalledGateways | undefined;

  public constructor({ injection, readiness = 'assumed', installedGateways = false }: ClusterOptions = {}) {
    const namespaceLabels = (name: string) => this.store.get('/Namespace', resourceKey('', name))?.metadata.labels;
    const injector = new Injector(injection);
    this.pods = new PodController({ injector, readiness, namespaceLabels });
    const options: ConstructorParameters<typeof GatewayController>[0] = {
      store: this.store,
      isGiven: (key) => this.intake.has(key),
      inject: (template, { name, namespace }) => injector.gateway(template, { apiVersion: 'apps/v1', kind: 'Deployment', name }, namespace),
    };
    this.gateways = new GatewayController(options);
    this.installed = installedGateways ? new InstalledGateways(options) : undefined;
  }

  /** Adds and replaces objects, as `kubectl apply` does. */
  public apply(objects: readonly SourceObject[]): void {
    this.change(this.intake.apply(objects));
  }

  /** Makes these the only objects. Those that did not change stay the same JavaScript objects. */
  public replace(objects: readonly SourceObject[]): void {
    this.change(this.intake.replace(objects));
  }

  /** What whoever runs the pod says of it; `podKey` is `namespace/name`. */
  public setReady(podKey: string, ready: boolean): void {
    this.podsChanged(this.pods.setReady(podKey, ready));
    this.services.settle((key) => this.pods.get(key));
  }

  public snapshot(): Snapshot {
    return this.store.snapshot();
  }

  public problems(): Problem[] {
    return [...this.intake.problems(), ...this.pods.problems(), ...this.services.problems(), ...this.gateways.problems()].sort(byResource);
  }

  /** Kinds that were found and are not read, as `apiVersion Kind`. */
  public ignored(): string[] {
    return this.intake.ignored();
  }

  /** Where the object was written from which the pod comes; `podKey` is `namespace/name`. */
  public originOfPod(podKey: string): Origin | undefined {
    const workload = this.pods.workloadOf(podKey);
    return workload && this.intake.originOf(workload);
  }

  private change(changes: readonly Change[]): void {
    // Addresses that are given up are free for all of the others, whatever their turn.
    for (const change of changes) this.services.makeRoom(change);
    for (const change of [...changes].sort(byTurn)) this.one(change);
    for (const change of [...this.gateways.settle(), ...this.installed?.settle() ?? []].sort(byTurn)) this.one(change);
    this.services.settle((key) => this.pods.get(key));
  }

  private one({ before, after }: Change): void {
    const object = after ?? before;
    if (!object) return;
    this.gateways.changed(object);
    this.installed?.changed({ before, after });
    const kind = groupKind(object.apiVersion, object.kind);
    if (kind === '/Service') {
      if (after) this.services.set(after);
      else this.services.delete(object);
      return;
    }
    if (kind === '/Endpoints') {
      this.services.endpointsChanged({ before, after });
      return;
    }
    if (kind === SERVICE_ENTRY) {
      if (after) this.store.set(this.entries.set(after));
      else this.entries.delete(object);
    }
    if (kind !== '/Pod' && !(kind === SERVICE_ENTRY && after)) {
      if (after) this.store.set(after);
      else this.store.delete(kind, resourceKey(object.metadata.namespace, object.metadata.name));
    }
    if (WORKLOAD_KINDS.has(kind)) this.podsChanged(after ? this.pods.set(after) : this.pods.delete(object));
    if (kind === '/Namespace') this.podsChanged(this.pods.namespaceChanged(object.metadata.name));
  }

  private podsChanged(changes: readonly PodChange[]): void {
    for (const change of changes) {
      this.services.podChanged(change);
      if (change.after) this.store.set(change.after);
      else if (change.before) this.store.delete('/Pod', resourceKey(change.before.metadata.namespace, change.before.metadata.name));
    }
  }
}

const SERVICE_ENTRY = 'networking.istio.io/ServiceEntry';

/** So that the order in which objects came does not show; problems of one object keep theirs. */
function byResource({ resource: a }: Problem, { resource: b }: Problem): number {
  const text = ({ kind, namespace, name }: ResourceRef): string => `${kind}/${namespace}/${name}`;
  return text(a) === text(b) ? 0 : text(a) < text(b) ? -1 : 1;
}

/** What goes makes room first; namespaces before pods; Services that ask for an address before those that take any. Then by name. */
function byTurn(a: Change, b: Change): number {
  const turn = ({ after }: Change): number => {
    if (!after) return 0;
    if (after.kind === 'Namespace') return 1;
    return after.kind === 'Service' && (after as Service).spec?.clusterIP ? 2 : 3;
  };
  const name = ({ before, after }: Change): string => identity((after ?? before) as Resource);
  return turn(a) - turn(b) || (name(a) < name(b) ? -1 : 1);
}
