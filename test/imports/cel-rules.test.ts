import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { checkedKinds, type Rule, type Schema, schemaOf, SKIPPED_RULES } from '../../imports/checks';
import { CelError } from '../../imports/checks/cel';
import { schemaValues } from './schema-values';

interface Case {
  readonly where: string;
  readonly rule: Rule;
  readonly values: readonly unknown[];
}

const SAMPLES = 300;

/** Values that no random search finds: `[who's rule, values]`. */
const matches = (perRule: number) => Array.from({ length: 16 }, () => ({ matches: Array.from({ length: perRule }, () => ({})) }));
const FOUND_BY_HAND: readonly (readonly [RegExp, readonly unknown[]])[] = [[/total number of matches/, [matches(8), matches(9), matches(8).slice(1)]]];

function distinctRules(): Case[] {
  const cases = new Map<string, Case>();
  const walk = (schema: Schema, where: string): void => {
    for (const rule of schema.rules ?? []) {
      const key = `${rule.cel} ${rule.message}`;
      if (!cases.has(key)) {
        const found = FOUND_BY_HAND.flatMap(([message, values]) => (message.test(rule.message) ? values : []));
        cases.set(key, { where, rule, values: [...found, ...fc.sample(schemaValues(schema, rule.cel), { numRuns: SAMPLES, seed: 7 })] });
      }
    }
    Object.entries(schema.fields ?? {}).forEach(([name, field]) => walk(field, `${where}.${name}`));
    [schema.items, schema.values].forEach(child => child && walk(child, `${where}[]`));
  };
  checkedKinds().forEach(kind => walk(schemaOf(kind)!, kind));
  return [...cases.values()];
}

function ours({ holds }: Rule, value: unknown): string {
  try {
    return String(holds(value));
  } catch (error) {
    if (error instanceof CelError) {
      return 'error';
    }
    throw error;
  }
}

describe('CEL rules translated to TypeScript', () => {
  const cases = distinctRules();
  let oracle: string[][];

  beforeAll(() => {
    const input = JSON.stringify(cases.map(({ rule, values }) => ({ cel: rule.cel, values })));
    const run = spawnSync(process.execPath, [join(__dirname, 'cel-oracle.mjs')], { input, encoding: 'utf8', maxBuffer: 2 ** 28 });
    expect(run.stderr).toBe('');
    oracle = JSON.parse(run.stdout) as string[][];
  });

  test('every rule of the pinned definitions is there or listed as skipped', () => {
    expect(cases.length).toBeGreaterThan(90);
    expect(SKIPPED_RULES.map(({ groupKind, path, cel }) => ({ groupKind, path, cel }))).toEqual([
      { groupKind: 'gateway.networking.k8s.io/GatewayClass', path: 'spec.controllerName', cel: 'self == oldSelf' },
    ]);
  });

  test.each(cases.map((each, index) => [`${each.where}: ${each.rule.message}`, index] as const))('%s', (_, index) => {
    const { rule, values } = cases[index];
    const answers = values.map(value => ours(rule, value));
    const different = values.map((value, at) => ({ value, ours: answers[at], oracle: oracle[index][at] }))
      .filter(each => (each.ours === 'true') !== (each.oracle === 'true'));
    expect(different.slice(0, 3)).toEqual([]);
    // A rule that never refused, or never accepted, was not tested.
    expect(answers).toContain('true');
    expect(answers.some(answer => answer !== 'true')).toBe(true);
  });
});
