import type { EgressListener } from '../model/listener';
import type { VirtualService } from '../model/route';
import { Derived, sameItems } from './cache';
import { HostIndex, isSelected } from './host-index';
import { changeOf } from './list-change';

interface Import {
  readonly visible: readonly VirtualService[];
  readonly listener: EgressListener;
  readonly rules: readonly VirtualService[];
}

/** Beyond this many, those of proxies that are gone are forgotten. */
const MAX_KEYS = 50_000;

/**
 * The VirtualServices that a listener of a Sidecar imports. The same list as before for as long as nothing changes that it imports: a look
 * at the edited rules is enough to know, so that an edit costs those nothing who do not see it.
 */
export class ImportedRules {
  private readonly imports = new Map<string, Import>();
  private readonly indexes = new Derived((rules: readonly VirtualService[]) => new HostIndex(rules, (one) => one.hosts));

  /** @param key of the client and its listener */
  public of(key: string, listener: EgressListener, visible: readonly VirtualService[]): readonly VirtualService[] {
    const before = this.imports.get(key);
    if (before?.visible === visible && before.listener === listener) {
      return before.rules;
    }
    const found = (before?.listener === listener ? followed(before, visible) : undefined) ?? this.find(listener, visible);
    const rules = before && sameItems(before.rules, found) ? before.rules : found;
    if (!before && this.imports.size >= MAX_KEYS) {
      this.imports.clear();
    }
    this.imports.set(key, { visible, listener, rules });
    return rules;
  }

  private find({ hosts, excluded }: EgressListener, visible: readonly VirtualService[]): readonly VirtualService[] {
    return this.indexes.of(visible).select(hosts, [], excluded);
  }
}

/** What edits make of an import; undefined where it is not as plain as rules in the places of others. */
function followed({ visible: old, listener, rules }: Import, visible: readonly VirtualService[]): readonly VirtualService[] | undefined {
  const imported = ({ namespace, hosts }: VirtualService): boolean => isSelected(namespace, hosts, { list: listener.hosts, excluded: listener.excluded });
  const { gone, come } = changeOf(old, visible);
  if (gone.length !== come.length) {
    return [...gone, ...come].some(imported) ? undefined : rules;
  }
  const successors = new Map<VirtualService, VirtualService>();
  for (let i = 0; i < gone.length; i++) {
    const stays = imported(gone[i]);
    if (stays !== imported(come[i])) {
      return undefined;
    }
    if (stays) {
      successors.set(gone[i], come[i]);
    }
  }
  return successors.size === 0 ? rules : rules.map((one) => successors.get(one) ?? one);
}
