import { realpathSync } from 'node:fs';

/** The command line by which this program starts itself in another role. */
export function meshCommand(): readonly string[] {
  return [process.execPath, realpathSync(process.argv[1] as string)];
}
