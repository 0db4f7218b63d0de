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

/**
 * The line of the user's program that led here: the first frame outside this library. Undefined if other libraries come first, because then
 * it is cdk8s that called, at synth, and the user's line would say nothing.
 */
export function userFrame(error: Error): string | undefined {
  for (const line of (error.stack ?? '').split('\n').slice(1)) {
    const frame = FRAME.exec(line.trim().replace(/^at /, '').replace(/^[^(]*\(/, '('));
    const file = frame?.[1].replace('file://', '') ?? '';
    if (frame && !file.startsWith(OWN_FOLDER) && !file.startsWith('node:')) {
      return file.includes(`${sep}node_modules${sep}`) ? undefined : `${basename(file)}:${frame[2]}`;
    }
  }
  return undefined;
}
