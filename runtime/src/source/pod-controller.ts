import type { Injector } from '../inject';
import type { Pod, PodTemplate, Workload } from '../kubernetes';
import type { Problem } from '../model/problem';
import type { Resource } from '../model/resource';
import { resourceKey } from '../model/snapshot';
import { AddressPool } from './addresses';
import { identity } from './object';
import { draftPod, draftPods, standingPod, workloadProblems } from './pods';
import type { PodDraft } from './pods';

/** A pod that came, changed or went. */
export interface PodChange {
  readonly before?: Pod;
  readonly after?: Pod;
}

/** Who says that pods are ready: nobody (`assumed`: they are until told otherwise), or whoever runs them (`reported`: they are not until told). */
export type Readiness = 'assumed' | 'reported';

export interface PodControllerOptions {
  readonly injector: Injector;
  readonly readiness: Readiness;
  readonly namespaceLabels: (namespace: string) => Readonly<Record<string, string>> | undefined;
}

interface Standing {
  readonly workload: Resource;
  readonly drafts: ReadonlyMap<string, PodDraft>;
  /** Pods of templates before, which go when all pods of this one are ready. */
  readonly retiring: ReadonlyMap<string, PodDraft>;
  readonly problems: readonly Problem[];
}

/** The controllers of Deployments, StatefulSets …: keeps the pods that the workloads ask for, injected and with addresses. */
export class PodController {
  private readonly workloads = new Map<string, Standing>();
  private readonly owners = new Map<string, string>();
  private readonly standing = new Map<string, Pod>();
  private readonly reports = new Map<string, boolean>();
  private readonly addresses = new AddressPool('10.244');

  public constructor(private readonly options: PodControllerOptions) {}

  public set(workload: Resource): PodChange[] {
    return this.reconcile(identity(workload), workload);
  }

  public delete(workload: Resource): PodChange[] {
    const key = identity(workload);
    const old = this.workloads.get(key);
    this.workloads.delete(key);
    return old ? this.remove([...old.drafts.keys(), ...old.retiring.keys()]) : [];
  }

  /** The labels of a namespace changed: they decide about injection. */
  public namespaceChanged(namespace: string): PodChange[] {
    return [...this.workloads].flatMap(([key, { workload }]) => (workload.metadata.namespace === namespace ? this.reconcile(key, workload) : []));
  }

  public setReady(podKey: string, ready: boolean): PodChange[] {
    const pod = this.standing.get(podKey);
    const owner = this.owners.get(podKey);
    const old = owner === undefined ? undefined : this.workloads.get(owner);
    if (!pod || owner === undefined || !old) return [];
    this.reports.set(pod.metadata.uid, ready);
    const draft = old.drafts.get(podKey) ?? old.retiring.get(podKey);
    return [...(draft ? this.stand(podKey, draft, owner) : []), ...this.retire(owner)];
  }

  public get(podKey: string): Pod | undefined {
    return this.standing.get(podKey);
  }

  /** The object that the user wrote and the pod comes from. */
  public workloadOf(podKey: string): Resource | undefined {
    return this.workloads.get(this.owners.get(podKey) ?? '')?.workload;
  }

  public problems(): Problem[] {
    return [...this.workloads.values()].flatMap(({ problems }) => problems);
  }

  private reconcile(key: string, workload: Resource): PodChange[] {
    const old = this.workloads.get(key);
    const { drafts, problems } = this.draft(workload, old);
    const before = new Map([...old?.retiring ?? [], ...old?.drafts ?? []]);
    const left = [...before].filter(([podKey]) => !drafts.has(podKey));
    // Pods of another template stay until the new ones serve; pods of this template that are too many go at once.
    const another = this.options.readiness === 'reported' && drafts.size > 0 && ![...drafts.keys()].some((podKey) => old?.drafts.has(podKey));
    const stays = ([podKey]: [string, PodDraft]): boolean => another || (drafts.size > 0 && old?.retiring.has(podKey) === true);
    this.workloads.set(key, { workload, drafts, retiring: new Map(left.filter(stays)), problems });
    return [
      ...[...drafts].flatMap(([podKey, draft]) => this.stand(podKey, draft, key)),
      ...this.remove(left.filter((entry) => !stays(entry)).map(([podKey]) => podKey)),
      ...this.retire(key),
    ];
  }

  private draft(workload: Resource, old: Standing | undefined): { drafts: ReadonlyMap<string, PodDraft>; problems: readonly Problem[] } {
    const { metadata } = workload;
    const wrong = workload.kind === 'Pod' ? [] : workloadProblems(workload as Workload);
    if (wrong.length > 0) return { drafts: old?.drafts ?? new Map(), problems: wrong };
    const owner = { apiVersion: workload.apiVersion, kind: workload.kind, name: metadata.name };
    const namespace = { name: metadata.namespace, labels: this.options.namespaceLabels(metadata.namespace) };
    const { template, problems } = this.options.injector.inject(templateOf(workload), owner, namespace);
    const drafts = workload.kind === 'Pod' ? [draftPod(workload, template)] : draftPods(workload as Workload, template);
    return { drafts: new Map(drafts.map((draft) => [resourceKey(draft.namespace, draft.name), draft])), problems };
  }

  private stand(podKey: string, draft: PodDraft, owner: string): PodChange[] {
    const before = this.standing.get(podKey);
    if (before && this.owners.get(podKey) !== owner) return [];
    const ready = this.reports.get(draft.uid) ?? this.options.readiness === 'assumed';
    if (before?.metadata.uid === draft.uid && before.status.conditions[0].status === (ready ? 'True' : 'False')) return [];
    if (before && before.metadata.uid !== draft.uid) this.reports.delete(before.metadata.uid);
    const after = standingPod(draft, this.addresses.allocate(podKey), ready);
    this.owners.set(podKey, owner);
    this.standing.set(podKey, after);
    return [{ before, after }];
  }

  private retire(key: string): PodChange[] {
    const workload = this.workloads.get(key);
    if (!workload || workload.retiring.size === 0) return [];
    const ready = [...workload.drafts.values()].every(({ uid }) => this.reports.get(uid) === true);
    if (!ready) return [];
    this.workloads.set(key, { ...workload, retiring: new Map() });
    return this.remove([...workload.retiring.keys()]);
  }

  private remove(podKeys: readonly string[]): PodChange[] {
    return podKeys.flatMap((podKey) => {
      const before = this.standing.get(podKey);
      if (!before) return [];
      this.standing.delete(podKey);
      this.owners.delete(podKey);
      this.addresses.release(podKey);
      this.reports.delete(before.metadata.uid);
      return [{ before }];
    });
  }
}

function templateOf(workload: Resource): PodTemplate {
  if (workload.kind !== 'Pod') return (workload as Workload).spec?.template as PodTemplate;
  const { labels, annotations } = workload.metadata;
  return { metadata: { ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) }, spec: workload.spec as PodTemplate['spec'] };
}
