import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Every process there is, by what `/proc` says. */
export function allProcesses(): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
}

/** The network namespace of a process; `undefined` once it has left it, which an ending process does before its connections are closed. */
export function networkOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

/**
 * Whether nothing of a process runs any more, not even in the kernel: its connections are closed then. The first thread may be a zombie
 * while others still give memory and files back, so each thread counts (proc(5): `task`, and the state in `stat`).
 */
export function isOver(pid: number): boolean {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.length <= 1 && /^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return true;
  }
}

/** Kills a process; one that has ended by itself is none to worry about. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
