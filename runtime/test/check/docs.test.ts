import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseChecks, readChecks } from '../../src/engine/check';
import schema from '../../src/engine/check/schema.json';

const root = join(__dirname, '../../..');
const page = readFileSync(join(root, 'docs/checks.md'), 'utf8');

function words(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { properties = {}, ...rest } = node as { properties?: Record<string, unknown> };
  return [...Object.keys(properties), ...Object.values(properties).flatMap(words), ...Object.values(rest).flatMap(words)];
}

test.each([...new Set(words(schema))])('the page explains "%s"', (word) => {
  expect(page).toMatch(new RegExp(`(\`|\\{ |, )${word}(\`|: )`));
});

test('what the page shows is understood', () => {
  const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text);
  expect(blocks.length).toBeGreaterThan(1);
  for (const block of blocks) expect(parseChecks(block, 'docs/checks.md').checks.length).toBeGreaterThan(0);
});

const examples = readdirSync(join(root, 'examples')).filter((name) => existsSync(join(root, 'examples', name, 'checks.yaml')));

test.each(examples)('the checks of example %s are understood', (name) => {
  const { checks } = readChecks(join(root, 'examples', name, 'checks.yaml'));
  expect(checks.flatMap(({ steps }) => steps).length).toBeGreaterThan(0);
});

test('the examples prove every row of what must be seen working', () => {
  const proved = new Set(examples.flatMap((name) => readChecks(join(root, 'examples', name, 'checks.yaml')).checks.flatMap(({ proves }) => proves)));
  const wanted = [
    'F1', 'F6', 'F9', 'F13', 'F32', 'F33', 'F34', 'F39', 'F40', 'F41', 'F44', 'F48', 'F49', 'F50', 'F51', 'F53', 'F57', 'F59', 'F61', 'F67', 'F76', 'F77', 'F78',
    'F80', 'F81', 'F84', 'F96', 'F97', 'F98', 'F99', 'F100', 'F101', 'F102', 'F103', 'F105', 'F106', 'F107', 'F108', 'F109', 'F110', 'F111', 'F114', 'F115', 'F117', 'F118', 'F119',
    'F120', 'F121', 'F122', 'F123', 'F124', 'F125', 'F126', 'F127', 'F128', 'F129', 'F130', 'F131', 'F132', 'F134', 'F135', 'F136', 'F137', 'F138', 'F139', 'F140', 'F141',
    'F142', 'F143', 'F144', 'F145', 'F146', 'F147', 'F148', 'F149', 'F150', 'F151', 'F152', 'F153', 'F154', 'F155', 'F156', 'F157', 'F158', 'F159',
  ];
  expect(wanted.filter((id) => !proved.has(id))).toEqual([]);
});

describe('the table of tasks', () => {
  const readme = readFileSync(join(root, 'examples/README.md'), 'utf8');
  const rows = [...readme.matchAll(/^\| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$/gm)].slice(1)
    .map(([, task, lines, links, ids]) => ({ task, lines, names: [...links.matchAll(/\]\(([a-z0-9-]+)\/main\.ts\)/g)].map(([, name]) => name), ids }));

  test('is sorted by task', () => {
    expect(rows.map(({ task }) => task)).toEqual(rows.map(({ task }) => task).sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)));
  });

  test.each(rows)('$task: the example is there, and its checks prove what the table says', ({ names, lines, ids }) => {
    const proved = names.flatMap((name) => readChecks(join(root, 'examples', name, 'checks.yaml')).checks.flatMap(({ proves }) => proves));
    expect(names).not.toEqual([]);
    expect(lines).toMatch(/^(S[0-4]:\d+(-\d+)?(, |$))+$|^–$/);
    expect(ids).toMatch(/^(F\d+( |$))+$|^–$/);
    expect(ids.match(/F\d+/g)?.filter((id) => !proved.includes(id)) ?? []).toEqual([]);
  });

  test('has every example', () => {
    expect(examples.filter((name) => !readme.includes(`](${name}/main.ts)`))).toEqual([]);
  });
});
