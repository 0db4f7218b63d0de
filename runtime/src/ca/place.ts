import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';

import { isOpenToOthers, readCaFolder, writeCaFolder } from './ca-folder';
import type { CaFiles } from './signing-material';

/** Where an authority keeps the root that it has made for itself. */
export interface RootKeep {
  /** For the log, and for problems. */
  readonly name: string;
  /** None where nothing is kept yet. @throws why nobody knows */
  read(): Promise<CaFiles>;
  /** Keeps these, unless somebody else has kept others since they were read. @returns what is kept now */
  write(files: CaFiles): Promise<CaFiles>;
}

/** Where an authority is at home. */
export interface AuthorityPlace {
  readonly keep: RootKeep;
  /** Tells agents whom to trust: PEM by the names of their files. Those that are not named stay as they are. */
  readonly publish: (files: CaFiles) => void;
}

/** The file, or the entry of a ConfigMap, by which agents verify the control plane and each other. */
export const ROOTS_FILE = 'root-cert.pem';
/** By these they verify each other where the other is of another mesh. */
export const FOREIGN_ROOTS_FILE = 'foreign-roots.pem';

/** A folder: the key in a file for its owner only, the roots beside it, for everybody. */
export function placeInFolder(folder: string, log: (level: 'warn', event: object, message: string) => void): AuthorityPlace {
  return {
    keep: new FolderKeep(join(folder, 'self-signed'), log),
    // What there is nothing of needs no file.
    publish: (files) => writeCaFolder(folder, new Map([...files].filter(([name, text]) => text !== '' || existsSync(join(folder, name))))),
  };
}

/** The certificate last: as long as there is none, the others have signed nothing. */
const ORDER = ['root-cert.pem', 'ca-key.pem', 'ca-cert.pem'];

class FolderKeep implements RootKeep {
  constructor(readonly name: string, private readonly log: Parameters<typeof placeInFolder>[1]) {}

  read(): Promise<CaFiles> {
    const files = readCaFolder(this.name);
    if (files.has('ca-cert.pem')) this.closeKey();
    return Promise.resolve(files);
  }

  write(files: CaFiles): Promise<CaFiles> {
    const texts = ORDER.flatMap((name) => (files.has(name) ? [[name, files.get(name)!] as const] : []));
    writeCaFolder(this.name, new Map(texts));
    return Promise.resolve(readCaFolder(this.name));
  }

  private closeKey(): void {
    const path = join(this.name, 'ca-key.pem');
    if (!isOpenToOthers(path)) return;
    chmodSync(path, 0o600);
    this.log('warn', { path }, 'the key could be read by others: its mode is 0600 now. Replace the root if somebody may have done so');
  }
}
