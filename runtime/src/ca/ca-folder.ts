import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { CA_FILES, type CaFiles } from './signing-material';

const PRIVATE = /key/;
const POLL_MS = 500;

/** The files of an authority that a folder holds; others are not looked at. */
export function readCaFolder(folder: string): CaFiles {
  const files = new Map<string, string>();
  for (const name of CA_FILES) {
    const text = readIfThere(join(folder, name));
    if (text !== undefined) files.set(name, text);
  }
  return files;
}

/** Writes files so that a reader sees the old one or the new one; keys are for their owner only, also those that were there before. */
export function writeCaFolder(folder: string, files: CaFiles): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of files) {
    const path = join(folder, name);
    const mode = PRIVATE.test(name) ? 0o600 : 0o644;
    writeFileSync(`${path}.new`, text, { mode });
    chmodSync(`${path}.new`, mode);
    renameSync(`${path}.new`, path);
  }
}

/** Whether others than its owner may read a file. */
export function isOpenToOthers(path: string): boolean {
  return (statSync(path).mode & 0o077) !== 0;
}

/**
 * Tells when the files of a folder have changed, and have then been left alone for a moment: several are written one after the other.
 * Mounted Secrets change by a link, which no notification of a file tells, so they are read again and again.
 */
export function followCaFolder(folder: string, onChange: (files: CaFiles) => void, pollMs = POLL_MS): () => void {
  let told = textOf(readCaFolder(folder));
  let last = told;
  const timer = setInterval(() => {
    const files = readCaFolder(folder);
    const text = textOf(files);
    const steady = text === last;
    last = text;
    if (steady && text !== told) {
      told = text;
      onChange(files);
    }
  }, pollMs);
  timer.unref();
  return () => clearInterval(timer);
}

function textOf(files: CaFiles): string {
  return JSON.stringify([...files]);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
