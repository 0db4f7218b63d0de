import type { ResourceMap } from './snapshot';

interface Change {
  readonly after: ResourceMap;
  readonly keys: readonly string[];
}

/** Many ask for the same step from one map to the next; it is found once. */
const changes = new WeakMap<ResourceMap, Change>();

/** Keys of the objects that an edit has made or changed, in the order of the map after it. */
export function changedKeys(before: ResourceMap, after: ResourceMap): readonly string[] {
  let change = changes.get(before);
  if (change?.after !== after) {
    change = { after, keys: before === after ? [] : compare(before, after) };
    changes.set(before, change);
  }
  return change.keys;
}

function compare(before: ResourceMap, after: ResourceMap): readonly string[] {
  const keys: string[] = [];
  for (const [key, resource] of after) {
    if (before.get(key) !== resource) {
      keys.push(key);
    }
  }
  return keys;
}
