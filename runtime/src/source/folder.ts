import { existsSync } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { CORE_SCHEMA, load } from 'js-yaml';
import { isRecord } from '../model/parsed-value';
import type { Problem } from '../model/problem';
import { fileProblem } from './document';

const EXTENSIONS: ReadonlySet<string> = new Set(['.yaml', '.yml', '.json']);
const PROJECT = 'cdk8s.yaml';
const MAX_FILES = 10_000;

export interface FoundFile {
  readonly path: string;
  /** Found in a folder, not named by the user. */
  readonly lenient: boolean;
}

/** The files that paths stand for, and the folders in which new ones would appear. */
export interface Found {
  readonly files: readonly FoundFile[];
  readonly folders: readonly string[];
  readonly problems: readonly Problem[];
}

/** Whether a file in a folder would be read. */
export function isManifest(name: string): boolean {
  return !name.startsWith('.') && EXTENSIONS.has(extname(name));
}

/**
 * Files stand for themselves; folders for all YAML and JSON files below them, in order of their names; a folder of a cdk8s project (one that
 * holds a `cdk8s.yaml`) for what the project synthesized.
 */
export async function findFiles(paths: readonly string[]): Promise<Found> {
  const search = new Search();
  for (const path of paths) await search.path(path);
  return search;
}

/** The nearest folder above a file that holds a `cdk8s.yaml`, else the file's own. */
export function projectFolder(file: string): string {
  const own = dirname(file);
  for (let folder = own, parent = dirname(folder); ; folder = parent, parent = dirname(folder)) {
    if (existsSync(join(folder, PROJECT))) return folder;
    if (parent === folder) return own;
  }
}

class Search implements Found {
  public readonly files: FoundFile[] = [];
  public readonly folders: string[] = [];
  public readonly problems: Problem[] = [];
  private readonly visited = new Set<string>();

  public async path(path: string): Promise<void> {
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) return this.folder(path);
    this.folders.push(dirname(path));
    if (found) this.files.push({ path, lenient: false });
    else this.problems.push(fileProblem(path, undefined, 'there is no such file or folder'));
  }

  private async folder(folder: string): Promise<void> {
    const real = await realpath(folder);
    if (this.visited.has(real)) return;
    this.visited.add(real);
    this.folders.push(folder);
    const names = (await readdir(folder)).sort();
    if (names.includes(PROJECT)) return this.project(folder);
    for (const name of names) await this.entry(folder, name);
  }

  private async entry(folder: string, name: string): Promise<void> {
    if (name.startsWith('.') || name === 'node_modules') return;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) await this.folder(path);
    else if (found?.isFile() && isManifest(name)) this.add(path);
  }

  private add(path: string): void {
    this.files.push({ path, lenient: true });
    if (this.files.length > MAX_FILES) throw new Error(`more than ${MAX_FILES} files below ${path}: name a smaller folder`);
  }

  private async project(folder: string): Promise<void> {
    const output = join(folder, await outputOf(join(folder, PROJECT)));
    if (existsSync(output)) return this.folder(output);
    this.problems.push(fileProblem(output, undefined, `is not there: run \`npx cdk8s synth\` in ${folder} first`));
  }
}

async function outputOf(file: string): Promise<string> {
  try {
    const config = load(await readFile(file, 'utf8'), { schema: CORE_SCHEMA });
    return isRecord(config) && typeof config.output === 'string' ? config.output : 'dist';
  } catch {
    return 'dist';
  }
}
