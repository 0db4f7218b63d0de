import { join } from 'node:path';
import { readAuthorizationSuite, replayAccess } from './authorization-suite';

const suite = readAuthorizationSuite(join(__dirname, '../../../../shared/suites'));

if (!suite) {
  test.skip('the suite of Istio\'s own expectations is not beside this repository', () => undefined);
} else {
  test.each(suite.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const { differences, reason, requests } = replayAccess(one);
    expect(reason === undefined ? differences : differences.length > 0 ? [] : [`agrees now, although: ${reason}`]).toEqual([]);
    expect(requests).toBeGreaterThan(1_000);
  });
}
