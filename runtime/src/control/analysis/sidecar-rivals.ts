import { ROOT_NAMESPACE } from '../../model/mesh';
import type { Problem } from '../../model/problem';
import type { Resource } from '../../model/resource';
import type { Kinds } from './analysis';
import { KindAnalysis } from './analysis';
import { isOlder } from './age';
import { formatLabels, hasLabels, inNamespace, selectorOf } from './pods';

const KINDS = { sidecars: 'networking.istio.io/Sidecar', pods: '/Pod' } as const;

type World = Kinds<keyof typeof KINDS>;

/**
 * Sidecars for pods that have one already: a proxy has one scope, that of the oldest Sidecar. IST0110 and IST0111 of `istioctl analyze`
 * (pkg/config/analysis/analyzers/sidecar/selector.go).
 */
export class SidecarRivals extends KindAnalysis<keyof typeof KINDS> {
  public constructor() {
    super(KINDS, (world) => [...world.sidecars.values()].flatMap((sidecar) => {
      const elder = inNamespace(world.sidecars, sidecar.metadata.namespace).filter((other) => other !== sidecar && isOlder(other, sidecar));
      return elder.length === 0 ? [] : check(sidecar, elder, world);
    }));
  }
}

function check(sidecar: Resource, elder: readonly Resource[], { pods }: World): Problem[] {
  const { namespace } = sidecar.metadata;
  const labels = selectorOf(sidecar, 'workloadSelector.labels');
  if (!labels) {
    const rival = elder.find((other) => !selectorOf(other, 'workloadSelector.labels'));
    const scope = namespace === ROOT_NAMESPACE ? 'the mesh' : `namespace ${namespace}`;
    return rival ? about(sidecar, 'spec', `Sidecar ${rival.metadata.name} is for all of ${scope} too, and older: only that one counts; put them into one, or add a workloadSelector`) : [];
  }
  const selected = inNamespace(pods, namespace).filter((pod) => hasLabels(pod, labels));
  for (const rival of elder) {
    const theirs = selectorOf(rival, 'workloadSelector.labels');
    const both = theirs && selected.find((pod) => hasLabels(pod, theirs));
    if (both) {
      return about(sidecar, 'spec.workloadSelector.labels', `Sidecar ${rival.metadata.name} (${formatLabels(theirs)}) selects some of the same pods, such as ${both.metadata.name}, and is older: `
        + 'for those only that one counts; put them into one');
    }
  }
  return [];
}

function about({ kind, metadata: { namespace, name } }: Resource, path: string, message: string): Problem[] {
  return [{ resource: { kind, namespace, name }, path, message, severity: 'warning' }];
}
