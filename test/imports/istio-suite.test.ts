import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { type CheckedResource, checkResource, type Violation } from '../../imports/checks';

const SUITE = join(__dirname, '../../../shared/suites/validation.json');

interface Case {
  readonly kind: string;
  readonly name: string;
  readonly expectErr: string | null;
  readonly yaml: string;
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

if (!existsSync(SUITE)) {
  test.skip(`what Istio accepts and refuses: ${SUITE} is absent`, () => undefined);
} else {
  const cases = JSON.parse(readFileSync(SUITE, 'utf8')) as Case[];
  describe('what Istio accepts and refuses', () => {
    test.each(cases.map(each => [each.kind, each.name, each.expectErr ?? 'accepted', each] as const))('%s %s: %s', (_, __, ___, { yaml, expectErr }) => {
      const violations = (loadAll(yaml) as (CheckedResource | null)[]).filter(resource => resource !== null).flatMap(checkResource);
      if (expectErr === null) {
        expect(violations).toEqual([]);
      } else {
        // Unlike the API server we go on to the rules of the parts that are sound: there may be more.
        expect(violations.filter(each => isReason(each, expectErr))).not.toEqual([]);
      }
    });
  });
}
