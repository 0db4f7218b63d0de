import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { COMPLETE, EXAMPLES, byObject, exampleNames, meshObjects, synthesize } from './examples/manifests';

/** Every load of `main.ts` is the first one. */
function fresh(name: string): string {
  return synthesize(name, (main) => jest.isolateModules(() => void require(main)));
}

const read = (...path: string[]): string => readFileSync(join(...path), 'utf8');

describe.each(exampleNames())('example %s', (name) => {
  test('synthesizes the Istio and Gateway API objects that stand in expected.yaml', () => {
    expect(meshObjects(fresh(name))).toBe(read(EXAMPLES, name, 'expected.yaml'));
  });

  test('gives the same bytes twice', () => {
    expect(fresh(name)).toBe(fresh(name));
  });

  test('is an ordinary cdk8s app, and has checks', () => {
    expect(read(EXAMPLES, name, 'cdk8s.yaml')).toBe('language: typescript\napp: tsx main.ts\n');
    expect(existsSync(join(EXAMPLES, name, 'checks.yaml'))).toBe(true);
  });
});

describe(`the complete output of ${COMPLETE.example}`, () => {
  const objects = byObject(fresh(COMPLETE.example));

  test('has one golden for each object, and none is stale', () => {
    expect(readdirSync(COMPLETE.folder).sort()).toEqual([...objects.keys()].sort());
  });

  test.each([...objects.keys()])('%s', (file) => {
    expect(objects.get(file)).toBe(read(COMPLETE.folder, file));
  });

  test('no two objects share a golden', () => {
    expect(fresh(COMPLETE.example).split(/^---\n/m).filter((text) => text.trim())).toHaveLength(objects.size);
  });
});
