import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SkippedRule } from '../checks/schema';
import { emitChecks, emitKinds } from './checks';
import { emitConstruct, emitIndex } from './construct';
import { type Kind, loadKinds, type Pin } from './definitions';
import { emitInterfaces } from './interfaces';
import { kebabCase } from './names';
import { OutputFolder } from './output-folder';

const IMPORTS = join(__dirname, '..');

function generate(): void {
  const pins = JSON.parse(readFileSync(join(__dirname, 'pins.json'), 'utf8')) as Pin[];
  const kinds = pins.flatMap(loadKinds);
  const skipped: SkippedRule[] = [];
  for (const pin of pins) {
    const ofPin = kinds.filter(kind => kind.pin === pin);
    generateConstructs(pin, ofPin);
    generateChecks(pin, ofPin, skipped);
  }
  const folder = new OutputFolder(join(IMPORTS, 'checks'), pins.map(({ module, version }) => `${module} ${version}`).join(' and '));
  folder.write('kinds.ts', emitKinds(kinds, skipped));
  folder.removeStale();
}

function generateConstructs(pin: Pin, kinds: readonly Kind[]): void {
  const folder = new OutputFolder(join(IMPORTS, pin.folder), `${pin.module} ${pin.version}`);
  for (const kind of kinds) {
    folder.write(`${kebabCase(kind.kind)}.types.ts`, emitInterfaces(kind));
    folder.write(`${kebabCase(kind.kind)}.ts`, emitConstruct(kind));
  }
  folder.write('index.ts', emitIndex(kinds));
  folder.removeStale();
}

function generateChecks(pin: Pin, kinds: readonly Kind[], skipped: SkippedRule[]): void {
  const folder = new OutputFolder(join(IMPORTS, 'checks', pin.folder), `${pin.module} ${pin.version}`);
  for (const kind of kinds) {
    folder.write(`${kebabCase(kind.kind)}.ts`, emitChecks(kind, skipped));
  }
  folder.removeStale();
}

generate();
