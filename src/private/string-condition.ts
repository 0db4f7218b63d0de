import { escapeRegex, fullMatch, literalHead } from './regex';

/** A condition on one text of a request: a path, a header's value, a query parameter's, a cookie's. */
export type StringCondition =
  | { readonly kind: 'exact' | 'prefix' | 'regex'; readonly value: string; readonly ignoreCase?: boolean }
  | { readonly kind: 'present' | 'absent' }
  /** Everything but this, nothing at all too. */
  | { readonly kind: 'not'; readonly than: StringCondition };

/** A regex that says no more than a prefix or an exact text is compared as such, and a prefix that says nothing as presence. */
function simplify(condition: StringCondition): StringCondition {
  if ('ignoreCase' in condition && condition.ignoreCase && condition.kind !== 'regex') {
    return { kind: 'regex', value: `(?i)${escapeRegex(condition.value)}${condition.kind === 'prefix' ? '.*' : ''}` };
  }
  if (condition.kind !== 'regex') {
    return condition.kind === 'prefix' && condition.value === '' ? { kind: 'present' } : condition;
  }
  const head = literalHead(condition.value);
  const rest = condition.value.replace(/^\^/, '').slice(head.length).replace(/\$$/, '');
  if (rest === '' && !condition.value.includes('|')) {
    return { kind: 'exact', value: head };
  }
  return rest === '.*' ? simplify({ kind: 'prefix', value: head }) : condition;
}

/** Text that everything satisfying the condition begins with. */
function head(condition: StringCondition): string {
  switch (condition.kind) {
    case 'exact':
    case 'prefix':
      return condition.value;
    case 'regex':
      return literalHead(condition.value);
    default:
      return '';
  }
}

/** Whether everything that satisfies `inner` surely satisfies `outer`. */
export function stringCovers(outer: StringCondition, inner: StringCondition): boolean {
  const a = simplify(outer);
  const b = simplify(inner);
  if (a.kind === 'not') {
    return b.kind === 'not' ? stringCovers(b.than, a.than) : stringDisjoint(a.than, b);
  }
  switch (a.kind) {
    case 'absent':
      return b.kind === 'absent';
    case 'present':
      return b.kind !== 'absent' && b.kind !== 'not';
    case 'exact':
      return b.kind === 'exact' && a.value === b.value;
    case 'prefix':
      return b.kind !== 'absent' && b.kind !== 'not' && head(b).startsWith(a.value);
    case 'regex':
      return b.kind === 'exact' ? fullMatch(a.value, b.value) : b.kind === 'regex' && a.value === b.value;
  }
}

/** Whether surely nothing satisfies both. */
export function stringDisjoint(first: StringCondition, second: StringCondition): boolean {
  const a = simplify(first);
  const b = simplify(second);
  if (a.kind === 'not' || b.kind === 'not') {
    return a.kind === 'not' ? b.kind !== 'not' && stringCovers(a.than, b) : b.kind === 'not' && stringCovers(b.than, a);
  }
  if (a.kind === 'absent' || b.kind === 'absent') {
    return a.kind !== b.kind;
  }
  if (a.kind === 'exact') {
    return !stringCovers(b, a);
  }
  if (b.kind === 'exact') {
    return !stringCovers(a, b);
  }
  return !head(a).startsWith(head(b)) && !head(b).startsWith(head(a));
}

/** How narrow a condition is. Whatever covers another one never ranks above it. */
export function stringRank(condition: StringCondition): number {
  const simple = simplify(condition);
  switch (simple.kind) {
    case 'exact':
    case 'absent':
      return 300_000;
    case 'regex':
      return 200_000 + Math.min(simple.value.length, 99_999);
    case 'prefix':
      return 100_000 + Math.min(simple.value.length, 99_999);
    case 'present':
      return 0;
    case 'not': // the more is excluded, the narrower
      return 90_000 - Math.floor(stringRank(simple.than) / 4);
  }
}

/** For people: `exact /productpage`. */
export function describeString(condition: StringCondition): string {
  if (condition.kind === 'not') {
    return `not ${describeString(condition.than)}`;
  }
  return 'value' in condition ? `${condition.kind} ${condition.value}` : condition.kind;
}

/** The regex that finds one cookie in a `cookie` header. */
export function cookieRegex(name: string, condition: StringCondition): string {
  const tail = { exact: '', prefix: '[^;]*', regex: '', present: '[^;]*', absent: '', not: '' }[condition.kind];
  const value = 'value' in condition ? condition.value : '';
  const pattern = condition.kind === 'regex' ? `(${value})` : escapeRegex(value);
  return `(.*; ?)?${escapeRegex(name)}=${pattern}${tail}(;.*)?`;
}
