// Did compiling, writing the docs or testing change a file that git sees? `remember` before, `check` after; edits of your own in between count, too.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './install.mjs';
import { Refusal, fail, run } from './terminal.mjs';

const memory = join(root, '.cache', 'tree');

/** What git sees of the working tree; undefined where this is no repository. */
export async function treeState() {
  try {
    const git = async (...args) => (await run('git', args, { cwd: root })).stdout;
    return await git('status', '--porcelain') + await git('diff');
  } catch {
    return undefined;
  }
}

async function main(what) {
  const now = await treeState();
  if (what === 'remember') {
    mkdirSync(join(root, '.cache'), { recursive: true });
    writeFileSync(memory, now ?? '');
  } else if (now !== undefined && existsSync(memory) && readFileSync(memory, 'utf8') !== now) {
    throw new Refusal(`the build changed files that git tracks, or left new ones:\n${now}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv[2]).catch(fail);
