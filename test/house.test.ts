import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { preProcessFile } from 'typescript';

/** The rules of the house that no linter knows. */
const root = join(__dirname, '..');
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n').filter((file) => file && existsSync(join(root, file)));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const text = tracked.filter((file) => !['.png', '.tgz'].includes(extname(file)));

describe('names', () => {
  const code = tracked.filter((file) => ['.ts', '.mjs', '.go'].includes(extname(file)));

  test('files are kebab-case nouns', () => {
    expect(code.filter((file) => !/^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.(ts|mjs|go)$/.test(basename(file)))).toEqual([]);
  });

  test('nothing is named after having no name', () => {
    expect(tracked.filter((file) => /(^|\/|-)(utils?|helpers?|common|managers?|base|misc)(\/|\.|$)/.test(file))).toEqual([]);
  });

  test('a room is a model, a reader, an emitter; a linker where other objects complete it, a finisher where finished resources are changed', () => {
    const rooms = new Set(tracked.map((file) => /^runtime\/src\/features\/([a-z-]+)\//.exec(file)?.[1]).filter(Boolean));
    const files = (room: string) => tracked.filter((file) => file.startsWith(`runtime/src/features/${room}/`)).map((file) => basename(file));
    const strange = [...rooms].flatMap((room) => files(room!).filter((file) => !/^(model|read|link|emit|finish)(-[a-z-]+)?\.ts$/.test(file)).map((file) => `${room}/${file}`));
    expect(strange).toEqual([]);
  });
});

describe('who knows whom', () => {
  /** The modules of our own that each file names, those of types included: lint sees the circles of values only. */
  const graphOf = (folder: string): ReadonlyMap<string, readonly string[]> => {
    const files = tracked.filter((file) => file.startsWith(`${folder}/`) && file.endsWith('.ts'));
    const known = new Set(files);
    return new Map(files.map((file) => [file, preProcessFile(read(file)).importedFiles.flatMap(({ fileName }) => {
      const path = join(dirname(file), fileName);
      return [`${path}.ts`, `${path}/index.ts`].filter((one) => fileName.startsWith('.') && known.has(one));
    })]));
  };

  /** Takes away what knows nobody that is left, again and again: what remains is in circles, or leads to one. */
  const circles = (folder: string): string[] => {
    const graph = graphOf(folder);
    const left = new Set(graph.keys());
    for (let before = -1; before !== left.size;) {
      before = left.size;
      left.forEach((file) => graph.get(file)!.some((other) => left.has(other)) || left.delete(file));
    }
    return [...left].map((file) => `${file} → ${graph.get(file)!.filter((other) => left.has(other)).join(', ')}`);
  };

  test.each(['imports', 'src', 'runtime/src'])('%s has no circle of files', (folder) => {
    expect(circles(folder)).toEqual([]);
  });
});

describe('what is committed', () => {
  const mentions = (pattern: RegExp) => text.filter((file) => file !== 'test/house.test.ts' && pattern.test(read(file)));

  test('names no package registry and no mirror', () => {
    expect(mentions(/registry\.npmjs|files\.pythonhosted|pypi\.org\/simple|proxy\.golang|sum\.golang|deb\.debian\.org|crates\.io\/api/)).toEqual([]);
    expect(read('package-lock.json')).not.toMatch(/"resolved": "http/);
  });

  test('carries no path of a machine', () => {
    expect(mentions(/\/work\/(main|shared)|\/home\/[a-z]+\/|\/root\/go/)).toEqual([]);
  });
});
