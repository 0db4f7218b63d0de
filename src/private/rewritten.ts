import type { RequestMatch } from '../request-match';
import { Path } from '../path';
import type { Rewrite } from '../route-rule';
import { listOf } from './alternatives';
import { Inexpressible, intersect, type Condition } from './condition';
import { stringCovers, stringDisjoint, type StringCondition } from './string-condition';

/** A request's way through a rewrite and then another rule: which requests take it, and what the path becomes in the end. */
export interface Passage {
  readonly condition: Condition;
  readonly rewrite?: Rewrite;
}

/**
 * Requests that satisfy `first` have their path rewritten, and what comes out of that is judged by a second rule with its own rewrite.
 * Returns the requests that pass both as one condition with one rewrite, undefined if there are none.
 */
export function through(first: Passage, second: Passage): Passage | Inexpressible | undefined {
  if (first.rewrite === undefined || !changesPath(first.rewrite)) {
    return combine(first.condition, second.condition, joinedHost(second.rewrite, first.rewrite));
  }
  if ('regex' in first.rewrite || (second.rewrite !== undefined && 'regex' in second.rewrite)) {
    return throughRegex(first, second, first.rewrite);
  }
  const asked = second.condition.get('path') ?? { kind: 'prefix', value: '/' };
  const others = new Map([...second.condition].filter(([aspect]) => aspect !== 'path'));
  const own = first.condition.get('path');
  const before = 'path' in first.rewrite ? first.rewrite.path : (first.rewrite as { readonly prefix: string }).prefix;
  const moved = 'path' in first.rewrite || own?.kind === 'exact'
    ? fixed(before, own, asked, second.rewrite)
    : shifted(own, before, asked, second.rewrite);
  if (moved === undefined || moved instanceof Inexpressible) {
    return moved;
  }
  const condition = moved.path === undefined ? first.condition : new Map([...first.condition, ['path', moved.path]]);
  return combine(condition, others, joinedHost(moved.rewrite, first.rewrite));
}

/** What a regex makes of a path is not known, so the second rule may say nothing about paths. */
function throughRegex(first: Passage, second: Passage, rewrite: Rewrite): Passage | Inexpressible | undefined {
  const asked = second.condition.get('path');
  if (!('regex' in rewrite) || asked !== undefined || (second.rewrite !== undefined && changesPath(second.rewrite))) {
    const any: StringCondition = { kind: 'prefix', value: '/' };
    return new Inexpressible('path', first.condition.get('path') ?? any, asked ?? any);
  }
  return combine(first.condition, second.condition, { ...rewrite, ...hostOf(second.rewrite) });
}

interface Move {
  readonly path?: StringCondition;
  readonly rewrite: Rewrite;
}

/** Every request comes out with the same path. */
function fixed(path: string, own: StringCondition | undefined, asked: StringCondition, next: Rewrite | undefined): Move | undefined {
  if (!stringCovers(asked, { kind: 'exact', value: path })) {
    return undefined;
  }
  const final = next === undefined ? path : after(path, asked, next);
  // On an exact match Istio's `uri` replaces the whole path.
  return { path: own, rewrite: own?.kind === 'exact' ? { prefix: final, ...hostOf(next) } : { path: final, ...hostOf(next) } };
}

/** `before` becomes `after` at the beginning of the path, the rest stays. */
function shifted(own: StringCondition | undefined, prefix: string, asked: StringCondition, next: Rewrite | undefined): Move | Inexpressible | undefined {
  const before = own !== undefined && 'value' in own ? own.value : '/';
  if (own !== undefined && 'ignoreCase' in own && own.ignoreCase && !stringCovers(asked, { kind: 'prefix', value: prefix })) {
    return new Inexpressible('path', own, asked);
  }
  if (stringDisjoint(asked, { kind: 'prefix', value: prefix })) {
    return undefined;
  }
  if (asked.kind === 'regex') {
    return stringCovers(asked, { kind: 'prefix', value: prefix })
      ? { path: own, rewrite: next ?? { prefix } }
      : new Inexpressible('path', { kind: 'prefix', value: prefix }, asked);
  }
  const text = 'value' in asked ? asked.value : '/';
  if (text.startsWith(prefix) && !(own !== undefined && 'ignoreCase' in own && own.ignoreCase)) {
    const path: StringCondition = { kind: asked.kind === 'exact' ? 'exact' : 'prefix', value: before + text.slice(prefix.length) };
    return { path, rewrite: next !== undefined && changesPath(next) ? next : { prefix: text, ...hostOf(next) } };
  }
  const final = next !== undefined && 'prefix' in next ? next.prefix + prefix.slice(text.length) : prefix;
  return { path: own, rewrite: next !== undefined && 'path' in next ? next : { prefix: final, ...hostOf(next) } };
}

/** What a second rewrite makes of a known path. */
function after(path: string, asked: StringCondition, next: Rewrite): string {
  if ('path' in next) {
    return next.path;
  }
  if (!('prefix' in next)) {
    return path;
  }
  const matched = asked.kind === 'prefix' ? asked.value : path;
  return next.prefix + path.slice(matched.length);
}

function combine(first: Condition, second: Condition, rewrite: Rewrite | undefined): Passage | Inexpressible | undefined {
  const condition = intersect(first, second);
  return condition === undefined || condition instanceof Inexpressible ? condition : { condition, rewrite };
}

function changesPath(rewrite: Rewrite): boolean {
  return 'prefix' in rewrite || 'path' in rewrite || 'regex' in rewrite;
}

function hostOf(rewrite: Rewrite | undefined): { readonly host?: string } {
  return rewrite?.host === undefined ? {} : { host: rewrite.host };
}

/** The later rewrite, with the host of the earlier one where it has none of its own. */
function joinedHost(later: Rewrite | undefined, earlier: Rewrite | undefined): Rewrite | undefined {
  if (later === undefined || earlier?.host === undefined || later.host !== undefined) {
    return later ?? earlier;
  }
  return { ...later, host: earlier.host };
}

/**
 * Envoy replaces exactly the prefix that matched: `/cart` by `/` would make `//1` of `/cart/1`. Where a rewrite ends with a slash and the
 * prefix does not, the prefix is matched as a folder: `/cart/` and `/cart` itself.
 */
export function asFolders(match: RequestMatch | readonly RequestMatch[], rewrite: Rewrite | undefined): readonly RequestMatch[] {
  if (rewrite === undefined || !('prefix' in rewrite) || !rewrite.prefix.endsWith('/')) {
    return listOf<RequestMatch>(match);
  }
  return listOf<RequestMatch>(match).map((one) => ({ ...one, path: one.path && listOf<Path>(one.path).flatMap(folder) }));
}

function folder(path: Path): Path[] {
  const { condition } = path;
  if (condition.kind !== 'prefix' || condition.value.endsWith('/')) {
    return [path];
  }
  const { ignoreCase } = condition;
  return [Path.prefix(`${condition.value}/`, { ignoreCase }), Path.exact(condition.value, { ignoreCase })];
}

/** Whether every path of the match is one whose beginning can be replaced. */
export function hasPrefix(match: RequestMatch | readonly RequestMatch[] | undefined): boolean {
  return match !== undefined && listOf<RequestMatch>(match).every(({ path }) =>
    path !== undefined && listOf<Path>(path).every(({ condition }) => condition.kind === 'prefix' || condition.kind === 'exact'));
}
