import type { EncodedResource } from '../model/configuration';

type Resources = ReadonlyMap<string, EncodedResource>;

/** Proxies of one class share their maps: the names that changed from one map to the next are found once for all of them. */
const cache = new WeakMap<Resources, WeakMap<Resources, readonly string[]>>();

/** Names whose resource is another in `after`, new there or gone. */
export function changedNames(before: Resources, after: Resources): readonly string[] {
  let followers = cache.get(before);
  if (!followers) {
    followers = new WeakMap();
    cache.set(before, followers);
  }
  let names = followers.get(after);
  if (!names) {
    names = compare(before, after);
    followers.set(after, names);
  }
  return names;
}

function compare(before: Resources, after: Resources): string[] {
  const names: string[] = [];
  for (const [name, resource] of after) if (before.get(name)?.version !== resource.version) names.push(name);
  for (const name of before.keys()) if (!after.has(name)) names.push(name);
  return names;
}
