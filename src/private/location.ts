import { basename, dirname, sep } from 'node:path';
import type { IConstruct } from 'constructs';

/** Everything below this folder is ours; the first frame outside it is the user's line. */
const OWN_FOLDER = dirname(__dirname) + sep;
const FRAME = /\(?((?:file:\/\/)?[^()\s][^()]*):(\d+):\d+\)?$/;

const creations = new WeakMap<IConstruct, Error>();

/** Remembers where a construct is created. The stack is captured now and formatted only when an error needs it. */
export function recordLocation(construct: IConstruct): void {
  creations.set(construct, new Error());
}

/** Where a construct was created, `main.ts:21`, if it was recorded. */
export function locationOf(construct: IConstruct): string | undefined {
  const creation = creations.get(construct);
  return creation === undefined ? undefined : userFrame(creation);
}

/** The first frame of a stack that lies outside this library and its dependencies. */
export function userFrame(error: Error): string | undefined {
  for (const line of (error.stack ?? '').split('\n').slice(1)) {
    const frame = FRAME.exec(line.trim().replace(/^at /, '').replace(/^[^(]*\(/, '('));
    if (frame && isUserFile(frame[1].replace('file://', ''))) {
      return `${basename(frame[1])}:${frame[2]}`;
    }
  }
  return undefined;
}

function isUserFile(file: string): boolean {
  return !file.startsWith(OWN_FOLDER) && !file.startsWith('node:') && !file.includes(`${sep}node_modules${sep}`);
}
