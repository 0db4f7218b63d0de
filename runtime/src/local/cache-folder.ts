import { homedir } from 'node:os';
import { join } from 'node:path';

/** The user's cache folder of this project: the only place outside the project where a running mesh may write. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  // The XDG specification: a relative path in the variable is to be ignored.
  const configured = env.XDG_CACHE_HOME;
  const base = configured?.startsWith('/') ? configured : join(env.HOME || homedir(), '.cache');
  return join(base, 'cdk8s-istio');
}
