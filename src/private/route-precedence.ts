import type { IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';
import { describeCondition, disjoint, type Condition } from './condition';

/**
 * How the Gateway API ranks a match, highest first: exact paths, longer prefixes, then the method, more headers, more query parameters. Regular
 * expressions are left to implementations; Istio ranks them below every prefix, and whatever takes everything comes last
 * (https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule, Istio's sortHTTPRoutes and catch-all routes).
 */
function rankOf(condition: Condition): readonly number[] {
  const path = condition.get('path') ?? { kind: 'prefix', value: '/' } as const;
  const value = 'value' in path ? path.value : '/';
  const count = (kind: string): number => [...condition.keys()].filter((aspect) => aspect.startsWith(kind)).length;
  const others = [condition.has('method') ? 1 : 0, count('header:') + (count('cookie:') > 0 ? 1 : 0), count('query:')];
  const everything = path.kind !== 'exact' && path.kind !== 'regex' && value === '/' && others.every((number) => number === 0);
  return [everything ? 0 : { exact: 3, regex: 1 }[path.kind as string] ?? 2, value.length, ...others];
}

/** Whether the Gateway API would ask the later one first. */
function overtakes(later: readonly number[], earlier: readonly number[]): boolean {
  const at = later.findIndex((value, index) => value !== earlier[index]);
  return at !== -1 && later[at] > earlier[at];
}

/** Routes of the Gateway API have no order of their own, so what its ranks would turn around cannot be written. */
export function checkPrecedence(routes: readonly (readonly Condition[])[], construct: IConstruct): void {
  const ranked = routes.flatMap((conditions, route) => conditions.map((condition) => ({ condition, route, rank: rankOf(condition) })));
  for (const [index, later] of ranked.entries()) {
    const earlier = ranked.slice(0, index).find((one) => one.route !== later.route && overtakes(later.rank, one.rank) && !disjoint(one.condition, later.condition));
    if (earlier !== undefined) {
      throw new MeshError({
        construct,
        code: 'inexpressible-feature',
        problem: `the Gateway API would ask for ${describeCondition(later.condition)} before ${describeCondition(earlier.condition)}, which is meant to come first`,
        fix: 'match exact paths and prefixes instead of regular expressions, or leave `api` out: Istio\'s own routes have an order',
      });
    }
  }
}
