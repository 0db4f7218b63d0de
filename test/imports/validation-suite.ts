import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { type CheckedResource, checkResource, type Violation } from '../../imports/checks';

/** One object of `validation.json`; shared/suites/README.md tells what its fields mean. */
export interface ValidationCase {
  readonly kind: string;
  readonly name: string;
  /** The API server's reason for refusing it; null: it is accepted. */
  readonly expectErr: string | null;
  readonly yaml: string;
}

/** The objects of `validation.json` in a folder of suites; undefined where it is absent. */
export function readValidationSuite(folder: string): readonly ValidationCase[] | undefined {
  const file = join(folder, 'validation.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as ValidationCase[] : undefined;
}

/** What is wrong with our answer; nothing if we accept and refuse as Istio does, and for the same reason. */
export function replayValidation({ yaml, expectErr }: ValidationCase): string[] {
  const violations = (loadAll(yaml) as (CheckedResource | null)[]).filter((resource) => resource !== null).flatMap(checkResource);
  const found = violations.map(({ path, message }) => `${path}: ${message}`);
  if (expectErr === null) {
    return found.map((one) => `refused, ${one}`);
  }
  // Unlike the API server we go on to the rules of the parts that are sound: there may be more.
  return violations.some((each) => isReason(each, expectErr)) ? [] : [`expected to be refused with "${expectErr}", found ${found.join('; ') || 'nothing'}`];
}

/** The API server's words for what is wrong, and ours. */
const REASONS: readonly (readonly [RegExp, Violation['rule']])[] = [
  [/Required value/, 'required'],
  [/Duplicate value/, 'unique'],
  [/should match/, 'pattern'],
  [/must be of type/, 'type'],
  [/should be (at least|greater)|should have at least|: Invalid value$/, 'range'],
  [/type conversion error/, 'cel'],
];

function isReason({ path, message, rule }: Violation, expected: string): boolean {
  const field = /^spec[\w.[\]]*/.exec(expected)?.[0];
  const known = REASONS.find(([words]) => words.test(expected))?.[1];
  const words = expected.replace(/^.*"(object|integer)": /, '');
  return (field === undefined || path === field) && (known === undefined ? message.includes(words) : rule === known);
}
