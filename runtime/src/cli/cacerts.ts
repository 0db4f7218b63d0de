import { existsSync } from 'node:fs';

import { CA_FILES, CaFaults, readCaFolder, readSigningMaterial, type CaFiles } from '../ca';
import { Failure } from './failure';

/** The files of an operator's authority; the folder must be there, and not be another. */
export function readCacerts(folder: string): CaFiles {
  if (!existsSync(folder)) throw new Failure(`there is no folder ${folder} to take the authority from`);
  const files = readCaFolder(folder);
  if (files.size === 0) throw new Failure(`${folder} holds none of ${CA_FILES.join(', ')}`);
  return files;
}

/** Whoever starts a mesh with an authority of his own is told at once what is wrong with it. */
export function checkCacerts(folder: string): void {
  try {
    readSigningMaterial(readCacerts(folder));
  } catch (error) {
    throw error instanceof CaFaults ? new Failure(error.faults.map(({ entry, message }) => `${folder}/${entry} ${message}`).join('\n')) : error;
  }
}
