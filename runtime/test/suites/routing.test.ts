import { join } from 'node:path';
import { readRoutingSuite, replayMesh } from './routing-suite';

const suite = readRoutingSuite(join(__dirname, '../../../../shared/suites'));

if (!suite) {
  test.skip('the suite of Istio\'s own expectations is not beside this repository', () => undefined);
} else {
  describe.each(suite.map((mesh) => [mesh.name, mesh] as const))('%s', (_, mesh) => {
    const results = replayMesh(mesh);
    test.each(results.map((result) => [result.call, result] as const))('%s', (__, { differences, reason }) => {
      // A difference that is gone must leave the list.
      expect(reason === undefined ? differences : differences.length > 0 ? [] : [`agrees now, although: ${reason}`]).toEqual([]);
    });
  });
}
