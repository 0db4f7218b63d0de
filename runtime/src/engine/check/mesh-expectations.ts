import { eventually, type Evidence, type Expectation, type Verdict } from './expectation';
import { podKey, readyPods, type WorkloadName } from './workload';
import type { EnginePort } from './engine-port';
import type { Quantity } from './quantity';

/** Envoy writes its access log at least once a second, and the machine may be busy. */
const PATIENCE_MS = 15_000;

/** A counter that must not grow is given this long to grow nevertheless. */
const QUIET_MS = 1_200;

export interface StatsSpec {
  readonly of: WorkloadName;
  /** Name (`*` stands for anything) → by how much it grew during the call. */
  readonly increase: ReadonlyMap<string, Quantity>;
  /** Name → what it is after the call. */
  readonly value: ReadonlyMap<string, Quantity>;
}

/**
 * Counters and gauges of a workload's proxies, added up over its pods and over the names that a pattern matches. A name that no proxy knows
 * fails: otherwise a slip of the pen would be a zero.
 */
export function stats(spec: StatsSpec): Expectation {
  const wanted = [...[...spec.increase].map(([name, q]) => ({ name, q, grown: true })), ...[...spec.value].map(([name, q]) => ({ name, q, grown: false }))];
  return {
    what: `stats of ${spec.of.text}`,
    expected: wanted.map(({ name, q, grown }) => `${shortStat(name)} ${grown ? `+(${q.text})` : q.text}`).join(', '),
    begin: (mesh) => statsOf(mesh, spec.of),
    judge: ({ mesh, tally }, before) => stable(wanted.every(({ q }) => !q.bounded), async () => {
      const after = await statsOf(mesh, spec.of);
      const found = wanted.map(({ name, q, grown }) => ({ name, q, grown, n: sum(after, name, grown ? before as typeof after : undefined) }));
      return {
        ok: found.every(({ q, n }) => n !== undefined && q.holds(n, tally)),
        observed: found.map(({ name, grown, n }) => (n === undefined ? `there is no ${name}` : `${shortStat(name)} ${grown ? '+' : ''}${n}`)).join(', '),
      };
    }),
  };
}

/** The sum of what the name stands for, less what it was before; undefined if it stands for nothing. */
function sum(after: ReadonlyMap<string, number>, name: string, before?: ReadonlyMap<string, number>): number | undefined {
  const pattern = glob(name);
  const found = [...after].filter(([key]) => pattern.test(key));
  return found.length ? found.reduce((total, [key, value]) => total + value - (before?.get(key) ?? 0), 0) : undefined;
}

async function statsOf(mesh: EnginePort, workload: WorkloadName): Promise<ReadonlyMap<string, number>> {
  const sums = new Map<string, number>();
  for (const pod of readyPods(mesh, workload)) {
    for (const [name, value] of await mesh.stats(podKey(pod))) sums.set(name, (sums.get(name) ?? 0) + value);
  }
  return sums;
}

export interface LogSpec {
  readonly of: WorkloadName;
  readonly container: string;
  readonly contains: readonly string[];
  readonly matches?: RegExp;
  readonly lines: Quantity;
}

/** Lines that the pods of a workload have written since the call began. */
export function log(spec: LogSpec): Expectation {
  const says = [...spec.contains.map((text) => `"${text}"`), ...(spec.matches ? [String(spec.matches)] : [])].join(' and ') || 'anything';
  const isWanted = (line: string): boolean => spec.contains.every((text) => line.includes(text)) && (spec.matches?.test(line) ?? true);
  return {
    what: `log of ${spec.of.text}`,
    expected: `${spec.lines.text} with ${says}`,
    begin: async (mesh) => lengths(await linesOf(mesh, spec)),
    judge: ({ mesh, tally }, before) => stable(!spec.lines.bounded, async () => {
      const already = before as ReadonlyMap<string, number>;
      const fresh = [...await linesOf(mesh, spec)].flatMap(([pod, lines]) => lines.slice(already.get(pod) ?? 0));
      const wanted = fresh.filter(isWanted);
      const example = wanted[0] ?? fresh.at(-1);
      return { ok: spec.lines.holds(wanted.length, tally), observed: `${wanted.length} of ${fresh.length} lines${example ? `, such as ${example.slice(0, 240)}` : ''}` };
    }),
  };
}

async function linesOf(mesh: EnginePort, spec: LogSpec): Promise<Map<string, readonly string[]>> {
  const lines = new Map<string, readonly string[]>();
  for (const pod of readyPods(mesh, spec.of)) lines.set(pod.name, await mesh.log(podKey(pod), spec.container));
  return lines;
}

function lengths(lines: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  return new Map([...lines].map(([pod, of]) => [pod, of.length]));
}

/** Each text is part of a problem; an empty list: the mesh has none. */
export function problems(texts: readonly string[]): Expectation {
  return {
    what: 'problems',
    expected: texts.length ? texts.map((text) => `"${text}"`).join(', ') : 'none',
    judge: ({ mesh }: Evidence) => eventually(async () => {
      const lines = mesh.problems().map(({ resource, path, message }) => `${resource.kind}/${resource.name}.${resource.namespace} ${path} ${message}`);
      const ok = texts.length ? texts.every((text) => lines.some((line) => line.includes(text))) : lines.length === 0;
      return { ok, observed: lines.join('; ') || 'none' };
    }, PATIENCE_MS),
  };
}

/** Waits for a good verdict; where the number could still grow, it must be good again a little later. */
async function stable(mayGrow: boolean, look: () => Promise<Verdict>): Promise<Verdict> {
  const verdict = await eventually(look, PATIENCE_MS);
  if (!verdict.ok || mayGrow) return verdict;
  await new Promise((wake) => setTimeout(wake, QUIET_MS));
  return look();
}

function glob(name: string): RegExp {
  return new RegExp(`^${name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);
}

/** The last words of a statistic's name: the whole of it is in the checks file. */
function shortStat(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
