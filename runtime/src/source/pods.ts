import type { OwnerReference, Pod, PodSpec, PodTemplate, Workload } from '../kubernetes';
import type { Problem } from '../model/problem';
import { refOf } from '../model/resource';
import { canonicalJson, nameHash, uidHash } from './hash';

/** The one node of the machine. */
const NODE = { name: 'local', address: '10.244.0.1' };
const MAX_REPLICAS = 1_000;

/** A pod without its address: the work of a Deployment's, StatefulSet's … controller. */
export interface PodDraft {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly template: PodTemplate;
  readonly spec: PodSpec;
  readonly owner?: OwnerReference;
}

/** The kinds that make pods, and `Pod` itself, as `group/Kind`. */
export const WORKLOAD_KINDS: ReadonlySet<string> = new Set([
  '/Pod', 'apps/Deployment', 'apps/ReplicaSet', 'apps/StatefulSet', 'apps/DaemonSet', 'batch/Job',
]);

/** What is wrong with a workload so that Kubernetes would refuse it, or that we do not do on one machine. */
export function workloadProblems({ spec, ...workload }: Workload): Problem[] {
  const resource = refOf(workload);
  const labels = spec?.template.metadata?.labels ?? {};
  const replicas = spec?.replicas ?? spec?.parallelism ?? 1;
  const missing = Object.entries(spec?.selector?.matchLabels ?? {}).find(([name, value]) => !Object.hasOwn(labels, name) || labels[name] !== value);
  return [
    ...(missing ? [{
      resource,
      path: 'spec.selector.matchLabels',
      message: `the pods do not have the label ${missing[0]}: ${missing[1]}: add it to spec.template.metadata.labels`,
    }] : []),
    ...(replicas < 0 || replicas > MAX_REPLICAS ? [{
      resource, path: 'spec.replicas', message: `expected 0 to ${MAX_REPLICAS} pods, got ${replicas}`,
    }] : []),
  ];
}

/** The pods of a workload whose template is injected already. Their names depend on the workload, the template and their number only. */
export function draftPods(workload: Workload, template: PodTemplate): PodDraft[] {
  const { kind, spec, apiVersion, metadata: { name, namespace } } = workload;
  const hash = nameHash(canonicalJson(template));
  const owner: OwnerReference = { apiVersion, kind, name, controller: true };
  const draft = (podName: string, labels: Record<string, string>, more: Partial<PodSpec> = {}): PodDraft => ({
    name: podName,
    namespace,
    uid: uidHash(`${namespace}/${podName}/${kind}/${hash}`),
    labels: { ...template.metadata?.labels, ...labels },
    template,
    spec: { ...template.spec, serviceAccountName: template.spec.serviceAccountName ?? 'default', nodeName: nodeName(template), ...more },
    owner,
  });
  switch (kind) {
    case 'StatefulSet': {
      const start = spec?.ordinals?.start ?? 0;
      return Array.from({ length: spec?.replicas ?? 1 }, (_, index) => {
        const podName = `${name}-${start + index}`;
        const labels = { 'apps.kubernetes.io/pod-index': String(start + index), 'statefulset.kubernetes.io/pod-name': podName };
        return draft(podName, labels, { hostname: podName, ...(spec?.serviceName ? { subdomain: spec.serviceName } : {}) });
      });
    }
    case 'Deployment':
      return podNames(`${name}-${hash}`, spec?.replicas ?? 1).map((podName) => draft(podName, { 'pod-template-hash': hash }));
    case 'Job':
      return podNames(name, spec?.parallelism ?? 1, hash).map((podName) => draft(podName, { 'batch.kubernetes.io/job-name': name, 'job-name': name }));
    default:
      return podNames(name, kind === 'DaemonSet' ? 1 : spec?.replicas ?? 1, hash).map((podName) => draft(podName, {}));
  }
}

/** A pod that the user wrote himself. */
export function draftPod({ metadata }: { readonly metadata: { readonly name: string; readonly namespace: string } }, template: PodTemplate): PodDraft {
  const { name, namespace } = metadata;
  return {
    name,
    namespace,
    uid: uidHash(`${namespace}/${name}/Pod/${canonicalJson(template)}`),
    labels: template.metadata?.labels ?? {},
    template,
    spec: { ...template.spec, serviceAccountName: template.spec.serviceAccountName ?? 'default', nodeName: nodeName(template) },
  };
}

/** Where the template says, so that pods can stand on Nodes of several zones; nothing is really scheduled. */
function nodeName({ spec }: PodTemplate): string {
  const selector = spec.nodeSelector as Readonly<Record<string, string>> | undefined;
  return spec.nodeName ?? selector?.['kubernetes.io/hostname'] ?? NODE.name;
}

/** Pod names with a suffix for each number. A further pod never renames another. */
function podNames(base: string, count: number, salt = ''): string[] {
  const names = new Set<string>();
  for (let number = 0, text = ''; names.size < count; text = '') {
    do text = `${text}/${base}/${salt}/${number}`; while (names.has(`${base}-${nameHash(text)}`));
    names.add(`${base}-${nameHash(text)}`);
    number++;
  }
  return [...names];
}

/** The pod as it stands in the Snapshot. */
export function standingPod(draft: PodDraft, address: string, ready: boolean): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: draft.name,
      namespace: draft.namespace,
      uid: draft.uid,
      labels: draft.labels,
      ...(draft.template.metadata?.annotations ? { annotations: draft.template.metadata.annotations } : {}),
      ...(draft.owner ? { ownerReferences: [draft.owner] } : {}),
    },
    spec: draft.spec,
    status: {
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      hostIP: NODE.address,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  };
}

export function isReady(pod: Pod): boolean {
  return pod.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}
