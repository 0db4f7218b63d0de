import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { dump } from 'js-yaml';
import fc from 'fast-check';
import { parseText, readFiles } from '../../src/source';
import type { Reading } from '../../src/source';
import { FileReader } from '../../src/source/file';
import { resource, service } from './objects';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'files-')); });
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

function write(files: Record<string, string>): string[] {
  return Object.entries(files).map(([name, text]) => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  });
}

const yaml = (...values: object[]): string => values.map((value) => dump(value)).join('---\n');
const names = ({ objects }: Pick<Reading, 'objects'>): string[] => objects.map(({ resource: { kind, metadata } }) => `${kind}/${metadata.name}`);
const shown = ({ problems }: Pick<Reading, 'problems'>): string[] => problems.map(({ resource: { name }, path, message }) => `${name.replace(`${folder}/`, '')} ${path}: ${message}`);
const minimal = (name: string): object => ({ apiVersion: 'v1', kind: 'Service', metadata: { name } });

describe('reading', () => {
  test('documents, lists and JSON, with defaults and the line of each', async () => {
    const [path] = write({ 'all.yaml': `# head\n${yaml(minimal('a'), { apiVersion: 'v1', kind: 'List', items: [minimal('b'), minimal('c')] })}---\n# only a comment\n---\n{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}\n` });
    const { objects, problems } = await readFiles([path]);
    expect(problems).toEqual([]);
    expect(objects.map(({ resource: { metadata }, origin }) => [metadata.namespace, metadata.name, origin?.line])).toEqual([
      ['default', 'a', 2], ['default', 'b', 7], ['default', 'c', 7], ['', 'n', 21],
    ]);
  });

  test('folders recursively, in order, passing over what is no manifest', async () => {
    write({
      'b.yml': yaml(minimal('b')), 'a/a.json': JSON.stringify(minimal('a')), 'values.yaml': 'replicas: 3\n', 'package.json': '{"name": "x"}',
      'node_modules/m.yaml': yaml(minimal('m')), '.hidden/h.yaml': yaml(minimal('h')), 'README.md': '---',
    });
    const reading = await readFiles([folder]);
    expect(names(reading)).toEqual(['Service/a', 'Service/b']);
    expect(reading.problems).toEqual([]);
  });

  test('a named file must be a manifest', async () => {
    const paths = write({ 'values.yaml': 'replicas: 3\n', 'list.yaml': '- 1\n' });
    expect(shown(await readFiles(paths))).toEqual([
      'values.yaml line 1: apiVersion is missing: give it, as in `apiVersion: networking.istio.io/v1`',
      'list.yaml line 1: expected an object of Kubernetes, got a list',
    ]);
  });

  test('a cdk8s project stands for what it synthesized', async () => {
    write({ 'cdk8s.yaml': 'language: typescript\noutput: out\n', 'out/app.k8s.yaml': yaml(minimal('a')), 'expected.yaml': yaml(minimal('b')), 'dist/old.yaml': yaml(minimal('c')) });
    const reading = await readFiles([folder]);
    expect(names(reading)).toEqual(['Service/a']);
    expect(reading.objects[0].origin).toEqual({ file: join(folder, 'out/app.k8s.yaml'), line: 1, folder });
    rmSync(join(folder, 'out'), { recursive: true });
    expect(shown(await readFiles([folder]))).toEqual([`out : is not there: run \`npx cdk8s synth\` in ${folder} first`]);
  });

  test('without a project the folder is the file\'s own', async () => {
    write({ 'a/b/c.yaml': yaml(minimal('c')) });
    expect((await readFiles([folder])).objects[0].origin?.folder).toBe(join(folder, 'a/b'));
  });

  test('an object that stands twice: the first counts', async () => {
    write({ 'a.yaml': yaml(minimal('x')), 'b.yaml': `\n${yaml({ ...minimal('x'), metadata: { name: 'x', namespace: 'default' } })}` });
    const reading = await readFiles([folder]);
    expect(names(reading)).toEqual(['Service/x']);
    expect(shown(reading)).toEqual([`x : stands in ${folder}/a.yaml:1 and again in ${folder}/b.yaml:2: only the first is used, remove one`]);
  });

  test('what is not there', async () => {
    expect(shown(await readFiles([join(folder, 'nothing.yaml')]))).toEqual(['nothing.yaml : there is no such file or folder']);
  });
});

describe('hostile input', () => {
  const parse = (text: string) => parseText(text, { file: 'in.yaml', folder: '.' });

  test.each([
    ['a tab', 'apiVersion: v1\nkind:\tService\n\tmetadata: x\n', 3],
    ['a key twice', `${dump(minimal('a'))}kind: Pod\n`, 5],
    ['broken JSON', '{\n  "apiVersion": "v1",\n  "kind": ]}', 3],
    ['a missing anchor', 'apiVersion: v1\nkind: *nothing\n', 2],
  ])('%s: the line is named', (_name, text, line) => {
    const { objects, problems } = parse(`---\n${text}`);
    expect(objects).toEqual([]);
    expect(problems[0].path).toBe(`line ${line + 1}`);
    expect(problems[0].message).toMatch(/^cannot be read: /);
  });

  test('deep nesting', () => {
    expect(parse(`apiVersion: v1\nkind: ${'['.repeat(10_000)}`).problems).toHaveLength(1);
    expect(parse(`{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":${'['.repeat(5_000)}${']'.repeat(5_000)}}`).problems).toHaveLength(1);
  });

  test('aliases that make a small text large', () => {
    const levels = Array.from({ length: 9 }, (_, index) => `l${index + 1}: &l${index + 1} [${`*l${index}, `.repeat(9)}]`).join('\n  ');
    const { objects, problems } = parse(`apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  l0: &l0 [1]\n  ${levels}\n`);
    expect(objects).toEqual([]);
    expect(problems[0].message).toBe('is too large: at most 200000 values and 100 levels, aliases counted where they are used');
  });

  test('a document that is too large', () => {
    expect(parse(`# ${'x'.repeat(5_000_000)}\n`).problems[0].message).toBe('is too large: at most 1572864 characters in a document, got 5000003: split it');
  });

  test('__proto__ is a field like any other', () => {
    const [{ resource: found }] = parse('apiVersion: v1\nkind: Service\nmetadata: {name: a, labels: {__proto__: evil}}\n__proto__: {polluted: true}\n').objects;
    expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
    expect(Object.keys(found.metadata.labels ?? {})).toEqual(['__proto__']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('property: any text gives objects and problems, never an exception', () => {
    const pieces = fc.array(fc.oneof(
      fc.string(),
      fc.constantFrom('---\n', '...\n', '%YAML 1.2\n', 'apiVersion: v1\n', 'kind: List\n', 'items:\n', '- ', 'metadata: ', '{name: a}\n', '&a ', '*a\n', '<<: *a\n', '|\n  ', '"', "'", '\t', '!!js/function ', '? '),
    ), { maxLength: 30 });
    fc.assert(fc.property(pieces, (texts) => {
      const { objects, problems } = parse(texts.join(''));
      expect(Array.isArray(objects) && Array.isArray(problems)).toBe(true);
    }), { numRuns: 500 });
  });

  test('property: what was written is what is read', () => {
    const value = fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string(), { maxLength: 3 })), { maxKeys: 5 });
    fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (specs) => {
      const written = specs.map((spec, index) => resource('v1', 'Service', `s${index}`, { spec }));
      expect(parse(yaml(...written)).objects.map((object) => object.resource)).toEqual(written);
    }));
  });
});

describe('reading again', () => {
  test('gives the same objects for documents that did not change', async () => {
    const [path] = write({ 'a.yaml': yaml(service('a'), service('b')) });
    const reader = new FileReader([path]);
    const before = await reader.read();
    write({ 'a.yaml': yaml({ ...service('a'), spec: {} }, service('b')) });
    const after = await reader.read();
    expect(after.objects[0].resource).not.toBe(before.objects[0].resource);
    expect(after.objects[1].resource).toBe(before.objects[1].resource);
    expect(after.objects[1].origin?.line).not.toBe(before.objects[1].origin?.line);
  });

  test('a file with an error keeps what it said before', async () => {
    const [path] = write({ 'a.yaml': yaml(service('a'), service('b')) });
    const reader = new FileReader([path]);
    const before = await reader.read();
    write({ 'a.yaml': `${yaml(service('a'))}---\nkind: [\n` });
    const broken = await reader.read();
    expect(broken.objects.map((object) => object.resource)).toEqual(before.objects.map((object) => object.resource));
    expect(broken.problems).toHaveLength(1);
    write({ 'a.yaml': yaml(service('a')) });
    expect(await reader.read()).toMatchObject({ objects: [{ resource: { metadata: { name: 'a' } } }], problems: [] });
  });
});
