import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Resources } from './difference';
import type { World } from './worlds';

const BUILD = join(__dirname, '../../test/pilot/build.sh');
const MOST_OUTPUT = 1 << 30;

export interface Answer {
  readonly name: string;
  /** Why it could not answer. */
  readonly error?: string;
  /** What its validation says of the objects that it did not take. */
  readonly refused: readonly string[];
  readonly nodes: Readonly<Record<string, Resources>>;
}

/** Asks Istio's own pilot, which is built for it (ten minutes the first time). A world that it dies of is told as an error. */
export function askPilot(worlds: readonly World[]): Answer[] {
  const program = execFileSync(BUILD, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  const env = { ...process.env, PILOT_ENABLE_METADATA_EXCHANGE: 'false' };
  const answers: Answer[] = [];
  for (let left = worlds; left.length > 0; left = worlds.slice(answers.length)) {
    const input = left.map((world) => `${JSON.stringify(world)}\n`).join('');
    const { stdout, stderr } = spawnSync(program, { input, env, encoding: 'utf8', maxBuffer: MOST_OUTPUT });
    const lines = stdout.split('\n').slice(0, -1);
    answers.push(...lines.map((line) => JSON.parse(line) as Answer));
    if (lines.length < left.length) {
      const why = stderr.split('\n').find((line) => /panic|fatal/.test(line)) ?? stderr.slice(-300);
      answers.push({ name: (left[lines.length] as World).name, error: `pilot died: ${why}`, refused: [], nodes: {} });
    }
  }
  return answers;
}
