import { basename, dirname, sep } from 'node:path';
import type { IConstruct } from 'constructs';

/** Everything below this folder is ours; the first frame outside it is the user's line. */
const OWN_FOLDER = dirname(__dirname) + sep;
const FRAME = /\(?((?:file:\/\/)?[^()\s][^()]*):(\d+):\d+\)?$/;

/** Calls of ours above the user's line, at most: this file, constructors, and a maker such as `MeshService.fromName`. */
const OWN_FRAMES = 5;

const CREATION = Symbol('creation');
interface Located {
  [CREATION]?: Error;
}

/**
 * Remembers where a construct is created. The stack is captured now, no deeper than needed, and formatted only when an error needs it: there
 * can be thousands of constructs.
 */
export function recordLocation(construct: IConstruct & Located): void {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = Math.min(limit, OWN_FRAMES);
  construct[CREATION] = new Error();
  Error.stackTraceLimit = limit;
}

/** The calls that led here, however deep in this library. */
export function stackHere(): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  const here = new Error();
  Error.stackTraceLimit = limit;
  return here;
}

/** Where a construct was created, `main.ts:21`, if it was recorded. */
export function locationOf(construct: IConstruct & Located): string | undefined {
  const creation = construct[CREATION];
  return creation === undefined ? undefined : userFrame(creation);
}

/**
 * The line of the user's program that led here: the first frame outside this library. Undefined if other libraries come first, because then
 * it is cdk8s that called, at synth, and the user's line would say nothing.
 */
export function userFrame(error: Error): string | undefined {
  const frame = linesOf(error).map(frameOf).find((found) => found !== undefined && !found.file.startsWith(OWN_FOLDER) && !found.file.startsWith('node:'));
  return frame === undefined || isLibrary(frame.file) ? undefined : `${basename(frame.file)}:${frame.line}`;
}

/** The lines of an error's stack that are in the user's program: not in this library, another one, or Node. */
export function userFrames(error: Error): string[] {
  return linesOf(error).filter((line) => {
    const frame = frameOf(line);
    return frame !== undefined && !frame.file.startsWith(OWN_FOLDER) && !frame.file.startsWith('node:') && !isLibrary(frame.file);
  });
}

function linesOf(error: Error): string[] {
  return (error.stack ?? '').split('\n').slice(1);
}

function frameOf(line: string): { readonly file: string; readonly line: string } | undefined {
  const frame = FRAME.exec(line.trim().replace(/^at /, '').replace(/^[^(]*\(/, '('));
  return frame === null ? undefined : { file: frame[1].replace('file://', ''), line: frame[2] };
}

function isLibrary(file: string): boolean {
  return file.includes(`${sep}node_modules${sep}`);
}
