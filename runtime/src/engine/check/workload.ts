import type { EnginePort, PodState } from './engine-port';

/** Pods of a service, as a checks file names them: `reviews`, `reviews/v3`, `reviews.bookinfo/v3`. */
export interface WorkloadName {
  readonly text: string;
  readonly app: string;
  readonly namespace?: string;
  readonly version?: string;
}

const WORKLOAD = /^([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.([a-z0-9](?:[a-z0-9-]*[a-z0-9])?))?(?:\/([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?))?$/;

/** Gives undefined for what is none. `namespace` is where to look if the name does not say. */
export function parseWorkload(text: string, namespace?: string): WorkloadName | undefined {
  const [, app, own, version] = WORKLOAD.exec(text) ?? [];
  return app === undefined ? undefined : { text, app, namespace: own ?? namespace, version };
}

export function isOf(pod: PodState, workload: WorkloadName): boolean {
  const version = pod.labels.version ?? pod.labels['app.kubernetes.io/version'];
  return appOf(pod) === workload.app
    && (workload.namespace === undefined || pod.namespace === workload.namespace)
    && (workload.version === undefined || version === workload.version);
}

/** The service that a pod is of. Proxies that the control plane deploys for a Gateway of the Gateway API have no label `app`, only Istio's own. */
export function appOf({ labels }: PodState): string | undefined {
  return labels.app ?? labels['app.kubernetes.io/name'] ?? labels['service.istio.io/canonical-name'];
}

export function podKey(pod: PodState): string {
  return `${pod.namespace}/${pod.name}`;
}

/** The pods of a workload that are ready; fails in the words of the checks file if there are none. */
export function readyPods(mesh: EnginePort, workload: WorkloadName): readonly PodState[] {
  const pods = mesh.pods();
  const found = pods.filter((pod) => isOf(pod, workload));
  const ready = found.filter((pod) => pod.ready);
  if (ready.length) return ready;
  if (found.length) throw new Error(`no pod of ${workload.text} is ready (${found.map((pod) => pod.name).join(', ')})`);
  const known = [...new Set(pods.map(shortName))].sort().join(', ');
  throw new Error(`there is no workload ${workload.text}${workload.namespace ? ` in namespace ${workload.namespace}` : ''}; there are ${known || 'none'}`);
}

function shortName(pod: PodState): string {
  const app = appOf(pod) ?? pod.name;
  return pod.labels.version ? `${app}/${pod.labels.version}` : app;
}

/** Remembers all pods ever seen, because who answered may be gone when the answers are judged. */
export class PodBook {
  private readonly seen = new Map<string, PodState>();

  constructor(private readonly mesh: EnginePort) {}

  look(): void {
    for (const pod of this.mesh.pods()) this.seen.set(pod.name, pod);
  }

  get(name: string): PodState | undefined {
    if (!this.seen.has(name)) this.look();
    return this.seen.get(name);
  }

  /** `reviews/v3` for a pod's name; what is no pod (a stand-in outside) goes by its own name. */
  describe(name: string): string {
    const pod = this.get(name);
    return pod ? shortName(pod) : name;
  }
}
