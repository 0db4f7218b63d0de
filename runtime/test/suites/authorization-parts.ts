/** `what is wanted`: without what negates, and without what fits everything; `what is not wanted`: only what negates. */
export type Part = 'everything' | 'what is wanted' | 'what is not wanted';

const LISTS: ReadonlySet<string> = new Set(['ids', 'rules', 'valueMatchers']);

/** The same filter with fewer conditions; of two filters that mean the same, the same conditions go. */
export function partsOf<F extends object>(filter: F, part: Part): F {
  return part === 'everything' ? filter : reduced(filter, (condition) => (part === 'what is wanted' ? !isNegation(condition) && !fitsAll(condition) : isNegation(condition))) as F;
}

type Keep = (condition: unknown) => boolean;

function reduced(value: unknown, keep: Keep): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => reduced(item, keep));
  }
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, reducedField(name, member, keep)]));
}

const CONJUNCTIONS = { permissions: ['andRules', 'rules'], principals: ['andIds', 'ids'] } as const;

function reducedField(name: string, member: unknown, keep: Keep): unknown {
  switch (name) {
    case 'andIds':
    case 'andRules':
      return conjunction(member as object, keep);
    case 'permissions':
    case 'principals': {
      // One condition may stand alone.
      const [and, items] = CONJUNCTIONS[name];
      return (member as object[]).map((one) => reduced(Object.hasOwn(one, and) ? one : { [and]: { [items]: [one] } }, keep));
    }
    default:
      return list(name, member, keep);
  }
}

/** Of conditions that hold together some go; if none stays, everything fits. */
function conjunction(all: object, keep: Keep): object {
  return Object.fromEntries(Object.entries(all).map(([name, items]) => {
    const kept = (items as unknown[]).filter((item) => keep(item));
    return [name, kept.length > 0 ? kept.map((item) => (isNegation(item) ? item : reduced(item, keep))) : [{ any: true }]];
  }));
}

function list(name: string, member: unknown, keep: Keep): unknown {
  if (!LISTS.has(name) || !Array.isArray(member)) {
    return reduced(member, keep);
  }
  const kept = member.filter((item) => !fitsAll(item));
  return (kept.length > 0 ? kept : member).map((item) => reduced(item, keep));
}

function isNegation(condition: unknown): boolean {
  return Object.hasOwn(condition as object, 'notId') || Object.hasOwn(condition as object, 'notRule');
}

/** One value that stands for all, not several of which one does. */
function fitsAll(condition: unknown): boolean {
  const text = JSON.stringify(condition);
  return !/"(and|or)(Ids|Rules|Match)"/.test(text) && /"presentMatch":true|"regex":"\.\+"|\/ns\/\.\*\/\.\*/.test(text);
}
