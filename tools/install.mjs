// Installs what the project needs: npm packages by the lock file, and for the mesh two Debian packages where we may.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Refusal, run } from './terminal.mjs';

export const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const stamp = join(root, 'node_modules', '.installed-lock');

/** Installs node_modules exactly as package-lock.json says; does nothing when that was done before. */
export async function installPackages() {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return 'up to date';
  await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root });
  writeFileSync(stamp, lock);
  return undefined;
}

const SYSTEM = [{ program: 'ip', debian: 'iproute2' }, { program: 'iptables-restore', debian: 'iptables' }];

function onPath(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      return statSync(join(folder, program)).isFile();
    } catch {
      return false;
    }
  });
}

/** `mesh up` needs iproute2 and iptables: installs them as root on Debian and Ubuntu, else says the one command that does. */
export async function installSystemPackages() {
  const missing = SYSTEM.filter(({ program }) => !onPath(program)).map(({ debian }) => debian);
  if (missing.length === 0) return undefined;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.platform !== 'linux') throw new Refusal('the local mesh needs Linux: run it in a Linux machine or container', 2);
  if (process.getuid() !== 0) throw new Refusal(`the local mesh needs ${missing.join(' and ')}: run  sudo ${command}`, 2);
  if (!onPath('apt-get')) throw new Refusal(`the local mesh needs ${missing.join(' and ')}: install them with your package manager`, 2);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env });
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env });
  return missing.join(', ');
}

/** Refuses, with the exact remedy, where a mesh cannot run: the runtime's own check, run from its source because nothing is built yet. */
export async function checkHost() {
  await run(process.execPath, ['--import', 'tsx', join(root, 'tools/check-host.ts')], { cwd: root }).catch((error) => {
    throw new Refusal(error.output.trimEnd(), 2);
  });
}
