import { readdirSync, readFileSync } from 'node:fs';

/** Processes that have the run directory in their environment: all that were started inside. */
export function processesOf(run: string): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(run);
    } catch {
      return false;
    }
  });
}
