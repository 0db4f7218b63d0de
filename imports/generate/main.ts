import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SkippedRule } from '../checks/schema';
import { emitChecks, emitKinds } from './checks';
import { emitConstruct, emitIndex } from './construct';
import { type Kind, loadKinds, type Pin } from './definitions';
import { emitInterfaces } from './interfaces';
import { loadMessages } from './messages';
import { kebabCase } from './names';
import { OutputFolder } from './output-folder';

const IMPORTS = join(__dirname, '..');

function generate(): void {
  const pins = JSON.parse(readFileSync(join(__dirname, 'pins.json'), 'utf8')) as Pin[];
  const kinds = pins.flatMap(loadKinds);
  const messages = pins.flatMap(loadMessages);
  const skipped: SkippedRule[] = [];
  for (const pin of pins) {
    const ofPin = kinds.filter(kind => kind.pin === pin);
    const withMessages = [...ofPin, ...messages.filter(message => message.pin === pin)];
    generateConstructs(pin, ofPin, withMessages);
    generateChecks(pin, withMessages, skipped);
  }
  const folder = new OutputFolder(join(IMPORTS, 'checks'), pins.map(({ module, version }) => `${module} ${version}`).join(' and '));
  folder.write('kinds.ts', emitKinds([...kinds, ...messages], skipped));
  folder.removeStale();
}

/** Every kind has a construct, everything that users write has types. */
function generateConstructs(pin: Pin, kinds: readonly Kind[], all: readonly Kind[]): void {
  const folder = new OutputFolder(join(IMPORTS, pin.folder), `${pin.module} ${pin.version}`);
  for (const kind of all) {
    folder.write(`${kebabCase(kind.kind)}.types.ts`, emitInterfaces(kind));
  }
  for (const kind of kinds) {
    folder.write(`${kebabCase(kind.kind)}.ts`, emitConstruct(kind));
  }
  folder.write('index.ts', emitIndex(kinds, all.filter(kind => !kinds.includes(kind))));
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
