import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { emitConstruct, emitIndex } from './construct';
import { type Kind, loadKinds, type Pin } from './definitions';
import { emitInterfaces } from './interfaces';
import { kebabCase } from './names';
import { OutputFolder } from './output-folder';

const IMPORTS = join(__dirname, '..');

function generate(): void {
  const pins = JSON.parse(readFileSync(join(__dirname, 'pins.json'), 'utf8')) as Pin[];
  const kinds = pins.flatMap(loadKinds);
  for (const pin of pins) {
    generateConstructs(pin, kinds.filter(kind => kind.pin === pin));
  }
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

generate();
