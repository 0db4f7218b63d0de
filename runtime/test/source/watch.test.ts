import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { watchFiles } from '../../src/source';
import type { FileWatch, Reading } from '../../src/source';

let folder: string;
let watch: FileWatch;
let readings: Reading[];
let wake: () => void = () => undefined;

const manifest = (...names: string[]): string => names.map((name) => `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\n`).join('---\n');
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const names = (): string[] | undefined => readings.at(-1)?.objects.map(({ resource }) => resource.metadata.name);

async function start(...paths: string[]): Promise<void> {
  readings = [];
  watch = await watchFiles(paths.map((path) => join(folder, path)), (reading) => {
    readings.push(reading);
    wake();
  });
  readings.push(watch.reading);
}

/** Waits until the files are seen to hold exactly these. */
async function seen(...wanted: string[]): Promise<void> {
  const limit = AbortSignal.timeout(10_000);
  while (names()?.join() !== wanted.join()) {
    if (limit.aborted) throw new Error(`expected ${wanted.join()}, seen ${names()?.join()}`);
    await Promise.race([new Promise<void>((resolve) => { wake = resolve; }), setTimeout(100)]);
  }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watch-'));
  write('a.yaml', manifest('a'));
});
afterEach(() => {
  watch.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a changed file, a new one, a removed one', async () => {
  await start('');
  await seen('a');
  write('a.yaml', manifest('a', 'a2'));
  await seen('a', 'a2');
  write('b.yaml', manifest('b'));
  await seen('a', 'a2', 'b');
  rmSync(join(folder, 'a.yaml'));
  await seen('b');
});

test('new folders, and files in them', async () => {
  await start('');
  mkdirSync(join(folder, 'sub/deep'), { recursive: true });
  write('sub/deep/c.yaml', manifest('c'));
  await seen('a', 'c');
  write('sub/deep/c.yaml', manifest('d'));
  await seen('a', 'd');
  rmSync(join(folder, 'sub'), { recursive: true });
  await seen('a');
});

test('an editor that writes another file and renames it', async () => {
  await start('a.yaml');
  write('a.yaml.tmp', manifest('b'));
  renameSync(join(folder, 'a.yaml.tmp'), join(folder, 'a.yaml'));
  await seen('b');
});

test('an editor that moves the old file away first: the objects never go', async () => {
  await start('a.yaml');
  renameSync(join(folder, 'a.yaml'), join(folder, 'a.yaml~'));
  await setTimeout(30);
  write('a.yaml', manifest('a', 'b'));
  await seen('a', 'b');
  expect(readings.every(({ objects }) => objects.length > 0)).toBe(true);
});

test('a file that is emptied before it is written: the objects never go', async () => {
  await start('');
  write('a.yaml', '');
  await setTimeout(30);
  write('a.yaml', manifest('a', 'b'));
  await seen('a', 'b');
  expect(readings.every(({ objects }) => objects.length > 0)).toBe(true);
});

test('an error keeps the last good objects and is told', async () => {
  await start('');
  write('a.yaml', 'kind: [');
  while (readings.at(-1)?.problems.length !== 1) await setTimeout(5);
  expect(names()).toEqual(['a']);
  write('a.yaml', manifest('b'));
  await seen('b');
  expect(readings.at(-1)?.problems).toEqual([]);
});

test('what is written again unchanged is no news', async () => {
  await start('');
  write('a.yaml', manifest('a'));
  await setTimeout(50);
  write('notes.txt', 'nothing');
  await setTimeout(50);
  expect(readings).toHaveLength(1);
});

test('a file that is not there yet', async () => {
  await start('later.yaml');
  expect(readings[0].problems).toHaveLength(1);
  write('later.yaml', manifest('l'));
  await seen('l');
  expect(readings.at(-1)?.problems).toEqual([]);
});
