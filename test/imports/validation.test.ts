import { join } from 'node:path';
import { readValidationSuite, replayValidation } from './validation-suite';

const suite = readValidationSuite(join(__dirname, '../../../shared/suites'));

if (!suite) {
  test.skip('the suite of what Istio accepts and refuses is not beside this repository', () => undefined);
} else {
  test.each(suite.map(each => [each.kind, each.name, each.expectErr ?? 'accepted', each] as const))('%s %s: %s', (_, __, ___, each) => {
    expect(replayValidation(each)).toEqual([]);
  });
}
