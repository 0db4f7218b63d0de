import { watch, type FSWatcher } from 'node:fs';
import { relative, sep } from 'node:path';

import { synthesize, type Project, type Synthesis } from './project';

/** Editors write in several steps. */
const DEBOUNCE_MS = 20;
const IGNORED: ReadonlySet<string> = new Set(['node_modules', '.git', '.cache']);

export interface WatchEvents {
  readonly onSynthesis: (project: Project, result: Synthesis) => void;
  readonly onFailure: (project: Project, error: Error) => void;
}

/** Synthesizes a project again whenever something in its folder changes, one run at a time. */
export function watchProject(project: Project, events: WatchEvents): () => void {
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let again = false;
  const run = async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      await synthesize(project).then((result) => events.onSynthesis(project, result), (error: Error) => events.onFailure(project, error));
    } while (again);
    running = false;
  };
  const watcher: FSWatcher = watch(project.folder, { recursive: true }, (_event, name) => {
    if (name !== null && isSource(project, name)) {
      clearTimeout(timer);
      timer = setTimeout(() => void run(), DEBOUNCE_MS);
    }
  });
  watcher.on('error', (error) => events.onFailure(project, error));
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}

function isSource({ folder, output }: Project, name: string): boolean {
  const out = relative(folder, output);
  const steps = name.split(sep);
  return !steps.some((step) => IGNORED.has(step)) && name !== out && !name.startsWith(out + sep) && !name.startsWith(`${out}.new-`);
}
