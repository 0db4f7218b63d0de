import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inlineBootstrap } from '../../src/envoy';
import { validate } from '../envoy/envoy-validate';
import { TestCertificates } from './certificates';
import type { Case } from './case';
import { GOLDENS, MACHINES, PROBLEMS, compileCase, findCases, problemLines, readYaml, resourceOf } from './case';

const BOOTSTRAP = { node: { id: 'test', cluster: 'test' } };
const MAX_GOLDEN_LINES = 120;
const FILES = new Set([...Object.keys(GOLDENS), PROBLEMS, 'in.yaml', 'proxy.yaml', 'switches.yaml', 'calls.yaml', 'workloads.yaml', MACHINES]);

jest.setTimeout(60_000);

const cases = findCases();
const certificates = new TestCertificates();

afterAll(() => certificates.remove());

test('there are cases', () => {
  expect(cases.length).toBeGreaterThan(30);
});

describe.each(cases.map((one): [string, Case] => [one.name, one]))('%s', (_name, one) => {
  const compiled = compileCase(one);
  const goldens = (Object.keys(GOLDENS) as (keyof typeof GOLDENS)[]).filter((golden) => existsSync(join(one.folder, golden)));

  test.each(goldens)('%s', (golden) => {
    const expected = readYaml(join(one.folder, golden));
    // A name that is expected and not there shows as missing: no golden goes stale unseen.
    const actual = Object.fromEntries(Object.keys(expected).map((name) => [name, resourceOf(one, compiled, golden, name)]));
    expect(actual).toEqual(expected);
    expect(Object.keys(expected)).not.toEqual([]);
  });

  test('reports exactly its problems', () => {
    expect(problemLines(compiled.problems)).toEqual(existsSync(join(one.folder, PROBLEMS)) ? readYaml(join(one.folder, PROBLEMS)) : []);
  });

  test('is accepted by Envoy', async () => {
    expect(await validate(await certificates.putInto(inlineBootstrap(BOOTSTRAP, compiled.configuration)))).toBe('');
  });

  test('says little enough to be read, and nothing that nobody compares', () => {
    const files = readdirSync(one.folder);
    expect(files.filter((file) => !FILES.has(file))).toEqual([]);
    expect(files.filter((file) => file !== 'in.yaml').length).toBeGreaterThan(0);
    const long = goldens.filter((golden) => readFileSync(join(one.folder, golden), 'utf8').split('\n').length > MAX_GOLDEN_LINES);
    expect(long).toEqual([]);
  });
});
