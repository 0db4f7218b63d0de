import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Files that a program loads, by their paths in the repository. */
function loadedBy(program: string): string[] {
  const root = join(__dirname, '..');
  const print = `console.log(JSON.stringify(Object.keys(require.cache).map((file) => file.slice(${root.length + 1}))))`;
  return JSON.parse(execFileSync(process.execPath, ['--import', 'tsx', '--eval', `${program}\n${print}`], { cwd: root, encoding: 'utf8' }));
}

const heavy = (files: string[]) => files.filter((file) => file.startsWith('imports/checks/') || file.includes('re2js') || file.includes('cdk8s-plus') || file.startsWith('runtime/'));

test('the library loads checks and the regex engine only when they are needed', () => {
  const files = loadedBy('require("./src/index.ts");');
  expect(files).toContain('src/mesh-service.ts');
  expect(heavy(files)).toEqual([]);
  const used = heavy(loadedBy('require("./src/index.ts").Path.regex("/a.*");'));
  expect(used.length).toBeGreaterThan(0);
  expect(used.every((file) => file.includes('re2js'))).toBe(true);
});
