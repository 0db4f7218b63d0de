import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Problem } from '../model/problem';
import { refOf } from '../model/resource';
import { fileProblem, TextParser } from './document';
import type { ParsedText } from './document';
import { findFiles, projectFolder } from './folder';
import type { Found, FoundFile } from './folder';
import { identity } from './object';
import type { SourceObject } from './object';

/** What files hold. */
export interface Reading {
  readonly objects: readonly SourceObject[];
  readonly problems: readonly Problem[];
}

const MAX_FILE = 32 * 1024 * 1024;
/** How long the event loop may be kept busy. */
const SLICE_MS = 20;

interface KnownFile {
  readonly stamp: string;
  readonly parsed: ParsedText;
}

/** Reads files and folders once. Relative paths are as in the shell. */
export async function readFiles(paths: readonly string[]): Promise<Reading> {
  return new FileReader(paths).read();
}

/** Reads the same paths again and again: what did not change is not read again and gives the same objects. */
export class FileReader {
  private found: Found = { files: [], folders: [], problems: [] };
  private readonly parsers = new Map<string, TextParser>();
  private readonly known = new Map<string, KnownFile>();

  public constructor(private readonly paths: readonly string[]) {}

  /** Folders in which something may appear or change. */
  public get folders(): readonly string[] {
    return this.found.folders;
  }

  public has(path: string): boolean {
    return this.known.has(resolve(path));
  }

  /** Looks for files, and reads those that changed. */
  public async read(): Promise<Reading> {
    this.found = await findFiles(this.paths);
    const wanted = new Set(this.found.files.map(({ path }) => resolve(path)));
    for (const path of this.known.keys()) if (!wanted.has(path)) this.forget(path);
    for (const file of this.found.files) await this.refresh(file);
    return this.reading();
  }

  /** Reads some known files only. */
  public async readAgain(paths: ReadonlySet<string>): Promise<Reading> {
    for (const file of this.found.files) if (paths.has(resolve(file.path))) await this.refresh(file);
    return this.reading();
  }

  private forget(path: string): void {
    this.known.delete(path);
    this.parsers.delete(path);
  }

  private async refresh({ path, lenient }: FoundFile): Promise<void> {
    const key = resolve(path);
    const before = this.known.get(key);
    const { stamp, text, problem } = await load(path, before?.stamp);
    if (before && stamp === before.stamp) return;
    const parser = this.parsers.get(key) ?? new TextParser({ file: path, folder: projectFolder(key), lenient });
    this.parsers.set(key, parser);
    const parsed = problem ? { objects: [], problems: [problem] } : await parser.parse(text, pauses());
    // A file that is wrong somewhere is being edited: what it said before stays, all of it.
    const objects = before && parsed.problems.length > 0 ? before.parsed.objects : parsed.objects;
    this.known.set(key, { stamp, parsed: { objects, problems: parsed.problems } });
  }

  private reading(): Reading {
    const first = new Map<string, SourceObject>();
    const problems: Problem[] = [...this.found.problems];
    for (const { path } of this.found.files) {
      const parsed = this.known.get(resolve(path))?.parsed;
      problems.push(...parsed?.problems ?? []);
      for (const object of parsed?.objects ?? []) {
        const key = identity(object.resource);
        const other = first.get(key);
        if (other) problems.push(duplicate(object, other));
        else first.set(key, object);
      }
    }
    return { objects: [...first.values()], problems };
  }
}

function duplicate({ resource, origin }: SourceObject, first: SourceObject): Problem {
  const at = (object: SourceObject['origin']): string => `${object?.file}:${object?.line}`;
  return { resource: refOf(resource), path: '', message: `stands in ${at(first.origin)} and again in ${at(origin)}: only the first is used, remove one` };
}

interface Loaded {
  /** Changes whenever the file does. */
  readonly stamp: string;
  readonly text: string;
  readonly problem?: Problem;
}

async function load(path: string, known: string | undefined): Promise<Loaded> {
  try {
    const { size, mtimeNs, ino } = await stat(path, { bigint: true });
    const stamp = `${ino}/${size}/${mtimeNs}`;
    if (stamp === known) return { stamp, text: '' };
    if (size > MAX_FILE) return { stamp, text: '', problem: fileProblem(path, undefined, `is too large: at most ${MAX_FILE} bytes, got ${size}`) };
    return { stamp, text: await readFile(path, 'utf8') };
  } catch (error) {
    return { stamp: 'unreadable', text: '', problem: fileProblem(path, undefined, `cannot be read: ${(error as Error).message}`) };
  }
}

/** Lets other work pass when this one has taken too long. */
function pauses(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < SLICE_MS) return undefined;
    return setImmediate().then(() => { since = performance.now(); });
  };
}
