import type { IConstruct } from 'constructs';
import type { RouteRule } from '../route-rule';
import { invalid } from './invalid-value';
import { defined } from './merge';
import { checkAnswer, checkRedirect, checkRewrite } from './option-checks';
import { hasPrefix } from './rewritten';
import type { Answer, Forward, Share } from './route-action';

/** What a rule does with its requests: it sends them on, sends the client elsewhere, or answers. Only one of these. */
export function actionOf(rule: RouteRule<string>, shares: readonly Share[], declarer: IConstruct): Forward | Answer {
  const { to, redirect, rewrite, answer } = rule;
  if (redirect !== undefined || answer !== undefined) {
    const other = Object.keys(defined({ redirect, answer, to, rewrite }));
    if (other.length > 1) {
      throw invalid(declarer, `a rule with \`${other[0]}\` sends nothing on`, `take away ${other.slice(1).map((name) => `\`${name}\``).join(' and ')}, or \`${other[0]}\``);
    }
  }
  if (answer !== undefined) {
    checkAnswer(answer, declarer);
    return { kind: 'answer', answer };
  }
  if (redirect !== undefined) {
    checkRedirect(redirect, declarer);
    checkPrefix(redirect.prefix !== undefined, 'redirect', rule, declarer);
    return { kind: 'redirect', redirect };
  }
  if (rewrite !== undefined) {
    checkRewrite(rewrite, declarer);
    checkPrefix('prefix' in rewrite, 'rewrite', rule, declarer);
  }
  return defined({ kind: 'forward', shares, rewrite });
}

function checkPrefix(replaced: boolean, name: 'rewrite' | 'redirect', { match }: RouteRule<string>, declarer: IConstruct): void {
  if (replaced && !hasPrefix(match)) {
    throw invalid(
      declarer, `\`${name}.prefix\` replaces the prefix that matched, and the rule matches none`,
      `give every match a path: Path.prefix(…), or use \`${name}.path\` to replace the whole path`,
    );
  }
}
