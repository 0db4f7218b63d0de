import { ROOT_NAMESPACE } from '../../model/mesh';
import type { Problem } from '../../model/problem';
import type { Resource } from '../../model/resource';
import { resourceKey } from '../../model/snapshot';
import type { Kinds } from './analysis';
import { KindAnalysis } from './analysis';
import { formatLabels, hasLabels, inNamespace, LastFound, selectorOf } from './pods';

/** Where the kinds say for which workloads they are. */
const SELECTORS = {
  sidecars: { groupKind: 'networking.istio.io/Sidecar', path: 'workloadSelector.labels' },
  filters: { groupKind: 'networking.istio.io/EnvoyFilter', path: 'workloadSelector.labels' },
  proxyConfigs: { groupKind: 'networking.istio.io/ProxyConfig', path: 'selector.matchLabels' },
  access: { groupKind: 'security.istio.io/AuthorizationPolicy', path: 'selector.matchLabels' },
  peers: { groupKind: 'security.istio.io/PeerAuthentication', path: 'selector.matchLabels' },
  requests: { groupKind: 'security.istio.io/RequestAuthentication', path: 'selector.matchLabels' },
} as const;

type Selecting = keyof typeof SELECTORS;
const SELECTING = Object.keys(SELECTORS) as Selecting[];

/**
 * Rules for workloads of which there are none: IST0101 (Sidecar) and IST0127 (AuthorizationPolicy) of `istioctl analyze`; the other kinds are as
 * easily written beside their pods.
 */
export class UnusedSelectors extends KindAnalysis<Selecting | 'pods'> {
  public constructor() {
    const latest = new LastFound((pod) => resourceKey(pod.metadata.namespace, pod.metadata.name));
    const kinds = Object.fromEntries(SELECTING.map((kind) => [kind, SELECTORS[kind].groupKind])) as Record<Selecting, string>;
    super({ ...kinds, pods: '/Pod' }, (world) => SELECTING.flatMap((kind) => [...world[kind]].flatMap(([key, object]) => check(kind, { key, object, world, latest }))));
  }
}

interface Checked {
  readonly key: string;
  readonly object: Resource;
  readonly world: Kinds<Selecting | 'pods'>;
  readonly latest: LastFound;
}

function check(kind: Selecting, { key, object, world: { pods }, latest }: Checked): Problem[] {
  const { path } = SELECTORS[kind];
  const { namespace, name } = object.metadata;
  const selector = selectorOf(object, path);
  // The default Sidecar of the mesh has no selector: one that has is for the pods beside it.
  const everywhere = namespace === ROOT_NAMESPACE && kind !== 'sidecars';
  const among = () => (everywhere ? [...pods.values()] : inNamespace(pods, namespace));
  // Whoever looks at rules alone, without the pods, knows that there are none.
  if (!selector || pods.size === 0 || latest.find(`${kind} ${key}`, { pods, among, suits: (pod) => (everywhere || pod.metadata.namespace === namespace) && hasLabels(pod, selector) })) return [];
  return [{
    resource: { kind: object.kind, namespace, name },
    path: `spec.${path}`,
    message: `no pod ${everywhere ? 'of the mesh' : `of namespace ${namespace}`} has the labels ${formatLabels(selector)}, so it is for nobody: correct them`
      + (everywhere ? '' : ', or move it to the namespace of the pods'),
    severity: 'warning',
  }];
}
