import type { Operation } from './model';

export interface ListPatch<T> {
  readonly operation: Operation;
  readonly value: T;
  /** Whether the patch names an item; without one, it is about the ends of the list. */
  readonly anchored: boolean;
  readonly isAnchor: (item: T) => boolean;
}

/** What an operation makes of a list in which order counts. Merging is another matter: it changes items. */
export function patchList<T>(items: readonly T[], { operation, value, anchored, isAnchor }: ListPatch<T>): readonly T[] {
  const at = anchored ? items.findIndex(isAnchor) : -1;
  const found = at >= 0;
  switch (operation) {
    case 'ADD':
      return [...items, value];
    case 'INSERT_FIRST':
      return [value, ...items];
    case 'INSERT_BEFORE':
      return !anchored ? [value, ...items] : found ? [...items.slice(0, at), value, ...items.slice(at)] : items;
    case 'INSERT_AFTER':
      return !anchored ? [...items, value] : found ? [...items.slice(0, at + 1), value, ...items.slice(at + 1)] : items;
    case 'REPLACE':
      return found ? items.map((item, i) => (i === at ? value : item)) : items;
    case 'REMOVE':
      return found ? items.filter((item) => !isAnchor(item)) : items;
    default:
      return items;
  }
}
