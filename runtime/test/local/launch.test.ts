import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { checkHost } from '../../src/local/host-check';
import { launch, type Inside } from '../../src/local/launch';
import { namespaceKinds, type NamespaceKind } from '../../src/local/namespaces';
import { RunDirectory } from '../../src/local/run-directory';
import { processesOf } from './processes';

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'launch-'));
const env = { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') };
const host = join(folder, 'host.js');

beforeAll(() => {
  buildSync({ entryPoints: [join(__dirname, 'host-program.ts')], bundle: true, platform: 'node', outfile: host, logLevel: 'error' });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program that answers over the channel and leaves children behind that want to live on. */
const STUBBORN = `
  const { spawn } = require('node:child_process');
  spawn('setsid', ['sleep', '1000'], { detached: true, stdio: 'ignore' });
  process.on('message', ({ id, argument }) => process.send({ answer: id, value: { argument, pid: process.pid, files: require('node:fs').existsSync(process.env.MESH_RUN_DIRECTORY) } }));
  process.on('disconnect', () => LEAVE);
`;
const leaving = ['node', '-e', STUBBORN.replace('LEAVE', 'process.exit(7)')];
const hanging = ['node', '-e', STUBBORN.replace('LEAVE', '{ for (;;); }')];

describe.each(namespaceKinds(process.getuid?.() ?? 0))('launch in namespaces of kind %s', (kind: NamespaceKind) => {
  async function start(command: readonly string[]): Promise<Inside> {
    const inside = await launch({ kind, command, env });
    await inside.channel.call('ping');
    return inside;
  }

  test('the command runs in a process namespace of its own and shares the run directory', async () => {
    const inside = await start(leaving);
    expect(await inside.channel.call('ping', { a: [1] })).toEqual({ argument: { a: [1] }, pid: 2, files: true });
    await inside.close();
  });

  test('closing it lets the command end by itself, and gives its code', async () => {
    const inside = await start(leaving);
    const run = inside.runDirectory;
    await inside.close();
    expect(await inside.exited).toBe(7);
    expect([existsSync(run), processesOf(run)]).toEqual([false, []]);
  });

  test('a command that hangs is killed with all that it started', async () => {
    const inside = await start(hanging);
    const run = inside.runDirectory;
    await inside.close(10_000);
    await expectNothingLeft(run);
  });

  test('calls fail when the inside is gone', async () => {
    const inside = await start(['node', '-e', 'process.on("message", ({ id }) => (id === 1 ? process.send({ answer: id }) : process.exit(3)))']);
    await expect(inside.channel.call('second')).rejects.toThrow('the other side is gone');
    expect(await inside.exited).toBe(3);
    await expect(inside.channel.call('third')).rejects.toThrow('the other side is gone');
  });
});

describe('however the host process dies', () => {
  test.each([['SIGKILL', 'leaving', leaving], ['SIGKILL', 'hanging', hanging], ['SIGTERM', 'hanging', hanging]] as const)('by %s with a command that is %s: nothing stays behind', async (signal, _word, command) => {
    const child: ChildProcess = spawn(process.execPath, [host, ...command], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(child.stdout as NonNullable<typeof child.stdout>, 'data') as [Buffer];
    const run = line.toString().trim();
    await waitFor(() => processesOf(run).length >= 4);
    child.kill(signal);
    await expectNothingLeft(run);
  });
});

describe('the run directory', () => {
  test('those of dead runs go with the next start, those of living ones stay', async () => {
    const living = await RunDirectory.create(env);
    const runs = join(env.XDG_CACHE_HOME, 'cdk8s-istio', 'run');
    const dead = join(runs, 'dead');
    mkdirSync(dead);
    // A socket file that nobody listens at any more, as a killed process leaves it.
    await leaveSocket(join(dead, 'alive'));
    const next = await RunDirectory.create(env);
    expect([existsSync(living.path), existsSync(dead), existsSync(next.path)]).toEqual([true, false, true]);
    living.remove();
    next.remove();
    expect(readdirSync(runs)).toEqual([]);
  });

  test('is short enough for sockets, however deep the cache folder is', async () => {
    const deep = await RunDirectory.create({ ...env, XDG_CACHE_HOME: join(folder, 'a'.repeat(80)) });
    expect(Buffer.byteLength(join(deep.path, 'x'.repeat(40)))).toBeLessThanOrEqual(107);
    deep.remove();
  });
});

test('this machine can run a mesh', async () => {
  expect(await checkHost()).toEqual({ kind: process.getuid?.() === 0 ? 'root' : 'user' });
});

async function expectNothingLeft(run: string): Promise<void> {
  await waitFor(() => processesOf(run).length === 0 && !existsSync(run));
}

async function waitFor(fits: () => boolean): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!fits()) {
    if (Date.now() > deadline) throw new Error('not within 15 s');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function leaveSocket(path: string): Promise<void> {
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', script]), 'exit');
  expect(existsSync(path)).toBe(true);
}
