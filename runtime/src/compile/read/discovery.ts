import { selectsLabels } from '../../gateway-api';
import type { MeshSettings } from '../../model/mesh';
import { Place } from '../../model/place';
import type { Problem } from '../../model/problem';
import type { ResourceMap, Snapshot } from '../../model/snapshot';
import { resourceKey, resourcesOf } from '../../model/snapshot';
import { InputCache, ObjectCache } from '../cache';
import { MESH_CONFIG_MAP } from './mesh-config';

/** Kubernetes gives every namespace this label. */
const NAME_LABEL = 'kubernetes.io/metadata.name';

interface Discovered {
  readonly snapshot: Snapshot;
  readonly problems: readonly Problem[];
}

type IsSelected = (namespace: string) => boolean;

/**
 * Leaves out what is in namespaces that no selector of MeshConfig's `discoverySelectors` selects; without selectors nothing is. What belongs
 * to no namespace always counts (istio/istio pkg/kube/namespace/filter.go).
 */
export class Discovery {
  private readonly selections = new InputCache<IsSelected>(1);
  private readonly maps = new ObjectCache<ResourceMap, ResourceMap>(1);
  private readonly snapshots = new ObjectCache<Snapshot, Discovered>(1);

  public of(snapshot: Snapshot, settings: MeshSettings): Discovered {
    return this.snapshots.get(snapshot, [settings], () => this.discover(snapshot, settings));
  }

  private discover(snapshot: Snapshot, { discoverySelectors: selectors, rootNamespace }: MeshSettings): Discovered {
    if (selectors.length === 0) {
      return { snapshot, problems: [] };
    }
    const namespaces = resourcesOf(snapshot, '/Namespace');
    const isSelected = this.selections.get('', [namespaces, selectors], (): IsSelected => {
      const labelsOf = (name: string) => ({ ...namespaces.get(resourceKey('', name))?.metadata.labels, [NAME_LABEL]: name });
      return remembering((name) => selectors.some((selector) => selectsLabels(selector, labelsOf(name))));
    });
    const kinds = [...snapshot.kinds].map(([kind, map]) => [kind, this.maps.get(map, [isSelected], () => selected(map, isSelected))] as const);
    return { snapshot: { ...snapshot, kinds: new Map(kinds) }, problems: isSelected(rootNamespace) ? [] : unseenRoot(rootNamespace) };
  }
}

/** The map itself where all of it counts. */
function selected(map: ResourceMap, isSelected: IsSelected): ResourceMap {
  const kept = [...map].filter(([, { metadata: { namespace } }]) => namespace === '' || isSelected(namespace));
  return kept.length === map.size ? map : new Map(kept);
}

function remembering(find: IsSelected): IsSelected {
  const known = new Map<string, boolean>();
  return (name) => {
    const found = known.get(name) ?? find(name);
    known.set(name, found);
    return found;
  };
}

function unseenRoot(rootNamespace: string): readonly Problem[] {
  const problems: Problem[] = [];
  const { namespace, name, entry } = MESH_CONFIG_MAP;
  Place.of({ kind: 'ConfigMap', namespace, name }, problems).at('data').at(entry).at('discoverySelectors').problem(
    `do not select ${rootNamespace}, so what is there for the whole mesh, such as its PeerAuthentication, counts for nobody: give that namespace a label that they select`, 'warning');
  return problems;
}
