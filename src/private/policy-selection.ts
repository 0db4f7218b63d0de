import type { ApiObject } from 'cdk8s';
import type { AppRegistry } from './app-registry';
import { isPlain, type Plain } from './merge';
import { namespaceOf } from './printed-object';

type Labels = Readonly<Record<string, string>>;

const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Pod', 'WorkloadGroup', 'WorkloadEntry']);

/** Pods as far as an App knows of them. */
interface Pods {
  /** Undefined for those that may be anywhere. */
  readonly namespace: string | undefined;
  readonly labels: Labels;
  /** Whether they may have labels that we do not know of. */
  readonly open: boolean;
}

/** Which pods policies can be for. */
export class PolicySelection {
  private readonly pods: readonly Pods[];
  private workloads?: readonly Pods[];

  constructor(private readonly registry: AppRegistry, private readonly objects: readonly ApiObject[]) {
    const services = [...registry.services].map(({ namespace, podLabels, versionLabels }): Pods[] => [
      { namespace, labels: podLabels, open: versionLabels === undefined },
      ...(versionLabels ?? []).map((labels) => ({ namespace, labels: { ...labels, ...podLabels }, open: false })),
    ]);
    const gateways = [...registry.gateways].flatMap(({ pods }) => (pods === undefined ? [] : [{ namespace: pods.namespace, labels: pods.labels, open: true }]));
    const exits = [...registry.egressGateways].map((gateway) => {
      const { namespace, selection } = gateway.policyPlace(gateway);
      return { namespace, labels: selection.selector?.matchLabels ?? {}, open: true };
    });
    this.pods = [...services.flat(), ...gateways, ...exits];
  }

  /** Whether some pods have these labels. Namespaces that the mesh does not fill may hold anything. */
  finds(namespace: string, labels: Labels, isRoot: boolean): boolean {
    const here = (pods: Pods): boolean => (isRoot || pods.namespace === undefined || pods.namespace === namespace) && fits(pods, labels);
    return !this.isOurs(namespace) || this.pods.some(here) || this.foundWorkloads().some(here);
  }

  isOurs(namespace: string): boolean {
    return this.registry.holder(`namespace ${namespace}`) !== undefined;
  }

  /** Workloads are large, so they are printed only when nothing else explains a policy. */
  private foundWorkloads(): readonly Pods[] {
    this.workloads ??= this.objects.filter(({ kind }) => WORKLOADS.has(kind)).map((object) => {
      const spec = (object.toJson() as { readonly spec?: unknown; readonly metadata?: Plain });
      return { namespace: namespaceOf(object), labels: labelsOf(spec), open: false };
    });
    return this.workloads;
  }
}

function fits({ labels, open }: Pods, wanted: Labels): boolean {
  const known = Object.entries(wanted).filter(([name]) => name in labels);
  return known.every(([name, value]) => labels[name] === value) && (known.length === Object.keys(wanted).length || (open && known.length > 0));
}

/** The labels of a workload's pods: of its template, or its own. */
function labelsOf(object: Plain): Labels {
  const at = (value: unknown, ...path: string[]): unknown => path.reduce((found, field) => (isPlain(found) ? found[field] : undefined), value);
  const found = at(object, 'spec', 'template', 'metadata', 'labels') ?? at(object, 'spec', 'jobTemplate', 'spec', 'template', 'metadata', 'labels')
    ?? at(object, 'spec', 'metadata', 'labels') ?? { ...at(object, 'metadata', 'labels') as Labels, ...at(object, 'spec', 'labels') as Labels };
  return found as Labels;
}
