import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkBundle } from './test-mesh';

describe('the bundle that meshes of tests run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  const sources = join(folder, 'src');
  const [bundle, source] = [join(folder, 'mesh.js'), join(sources, 'cli/main.ts')];
  mkdirSync(join(sources, 'cli'), { recursive: true });
  writeFileSync(source, '');
  afterAll(() => rmSync(folder, { recursive: true }));
  const at = (file: string, time: number) => utimesSync(file, time, time);

  test('is refused while it is not there', () => {
    expect(() => checkBundle(bundle, sources)).toThrow('mesh.js is not there: run node tools/build.mjs');
  });

  test('is taken when it is as old as its sources or younger, as after a checkout and a build', () => {
    writeFileSync(bundle, '');
    at(source, 1_000);
    at(bundle, 1_000);
    expect(() => checkBundle(bundle, sources)).not.toThrow();
    at(bundle, 1_001);
    expect(() => checkBundle(bundle, sources)).not.toThrow();
  });

  test('is refused after an edit, with the file that is newer', () => {
    at(source, 1_002);
    expect(() => checkBundle(bundle, sources)).toThrow(/mesh\.js is older than .*src\/cli\/main\.ts: run node tools\/build\.mjs/);
  });
});
