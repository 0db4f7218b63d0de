// What the scripts of this folder say to people, and how they run other programs. Plain Node: works before any install.
import { spawn } from 'node:child_process';

const colours = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
export const green = (text) => paint(32, text);
export const red = (text) => paint(31, text);
export const dim = (text) => paint(2, text);

export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/** Runs one step with a line that says how long it took; a note may follow the time. Prints what the step printed when it fails. */
export async function step(name, action) {
  const start = Date.now();
  const ticking = process.stdout.isTTY ? setInterval(() => process.stdout.write(`\r${dim('…')} ${name}   ${dim(seconds(Date.now() - start))} `), 200) : undefined;
  const finish = (line) => {
    clearInterval(ticking);
    process.stdout.write(`${ticking ? '\r\u001b[K' : ''}${line}\n`);
  };
  try {
    const note = await action();
    finish(`${green('✔')} ${name}   ${seconds(Date.now() - start)}${typeof note === 'string' ? `   ${dim(note)}` : ''}`);
  } catch (error) {
    finish(`${red('✖')} ${name}   ${seconds(Date.now() - start)}`);
    throw error;
  }
}

/** A failure that is already explained: printed without a stack. */
export class Refusal extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Runs a program; resolves with its output, rejects with all of it when it does not end with 0. */
export function run(command, args, options = {}) {
  const { echo = false, ...spawnOptions } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...spawnOptions });
    let output = '';
    let stdout = '';
    const collect = (stream, isOut) => stream?.on('data', (chunk) => {
      output += chunk;
      if (isOut) stdout += chunk;
      if (echo) process.stdout.write(chunk);
    });
    collect(child.stdout, true);
    collect(child.stderr, false);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve({ output, stdout });
      const error = new Refusal(`${command} ${args.join(' ')} ended with ${signal ?? code}${echo ? '' : `\n${output.trimEnd()}`}`, 1);
      error.output = output;
      error.stdout = stdout;
      return reject(error);
    });
  });
}

/** Ends the process as the error says. */
export function fail(error) {
  console.error(error instanceof Refusal ? `${red('error')}  ${error.message}` : error);
  process.exit(error.exitCode ?? 1);
}
