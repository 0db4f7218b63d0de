import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

export interface PodFileOptions {
  readonly name: string;
  readonly namespace: string;
  readonly address: string;
  /** Address of the DNS server. */
  readonly dns: string;
}

/** The files of `/etc` in which a pod differs from its machine, as a kubelet would write them. */
export function podFiles({ name, namespace, address, dns }: PodFileOptions): ReadonlyMap<string, string> {
  const search = [`${namespace}.svc.cluster.local`, 'svc.cluster.local', 'cluster.local'].join(' ');
  const files = new Map([
    ['/etc/resolv.conf', `nameserver ${dns}\nsearch ${search}\noptions ndots:5\n`],
    ['/etc/hosts', `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n${address}\t${name}\n`],
  ]);
  // systemd's and mDNS's modules would ask the machine's resolver over a socket and never see resolv.conf.
  if (existsSync('/etc/nsswitch.conf')) {
    files.set('/etc/nsswitch.conf', readFileSync('/etc/nsswitch.conf', 'utf8').replace(/^hosts:.*$/m, 'hosts: files dns'));
  }
  return files;
}

/** Writes the files into `folder` and answers the shell script that puts them in place within a mount namespace. */
export function placeFiles(files: ReadonlyMap<string, string>, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const lines = [...files].map(([path, content]) => {
    const source = join(folder, basename(path));
    writeFileSync(source, content);
    return placeFile(source, path, folder);
  });
  // The name service cache daemon, if there is one, answers from the machine's point of view.
  if (existsSync('/run/nscd')) lines.push('mount -t tmpfs tmpfs /run/nscd');
  return lines.join('\n');
}

function placeFile(source: string, path: string, folder: string): string {
  const target = realTarget(path);
  if (existsSync(target)) return `mount --bind ${quote(source)} ${quote(target)}`;
  if (target !== path) return placeBehindDanglingLink(source, target);
  const upper = join(folder, 'upper');
  const work = join(folder, 'work');
  for (const directory of [upper, work]) mkdirSync(directory, { recursive: true });
  return [
    `mount -t overlay overlay -o ${quote(`lowerdir=${dirname(path)},upperdir=${upper},workdir=${work}`)} ${quote(dirname(path))}`,
    `cat ${quote(source)} > ${quote(path)}`,
  ].join('\n');
}

/** `/etc/resolv.conf` → `/run/systemd/resolve/stub-resolv.conf` where systemd-resolved is installed and does not run. */
function placeBehindDanglingLink(source: string, target: string): string {
  let ancestor = dirname(target);
  while (!existsSync(ancestor)) ancestor = dirname(ancestor);
  return [
    `mount -t tmpfs tmpfs ${quote(ancestor)}`,
    `mkdir -p ${quote(dirname(target))}`,
    `cat ${quote(source)} > ${quote(target)}`,
  ].join('\n');
}

function realTarget(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  return isLink ? resolve(dirname(path), readlinkSync(path)) : path;
}

/**
 * The shell script that shows a folder at another place within a mount namespace. A place that is not there is made in a layer over what is: the
 * machine has it neither before nor afterwards. What was placed in `/etc` stays in place.
 */
export function showFolder(folder: string, place: string): string {
  if (existsSync(place)) return `mount --bind ${quote(folder)} ${quote(place)}`;
  let ancestor = dirname(place);
  while (!existsSync(ancestor)) ancestor = dirname(ancestor);
  const [upper, work, kept] = ['upper', 'work', 'kept'].map((name) => join(`${folder}-layer`, name)) as [string, string, string];
  const files = ancestor === '/etc' ? ['resolv.conf', 'hosts', 'nsswitch.conf'].filter((name) => existsSync(join('/etc', name))) : [];
  return [
    `mkdir -p ${[upper, work, kept].map(quote).join(' ')}`,
    ...files.map((name) => `cat /etc/${name} > ${quote(join(kept, name))}`),
    `mount -t overlay overlay -o ${quote(`lowerdir=${ancestor},upperdir=${upper},workdir=${work}`)} ${quote(ancestor)}`,
    ...files.map((name) => `mount --bind ${quote(join(kept, name))} /etc/${name}`),
    `mkdir -p ${quote(place)}`,
    `mount --bind ${quote(folder)} ${quote(place)}`,
  ].join('\n');
}

/** A word of a shell script, whatever it holds. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
