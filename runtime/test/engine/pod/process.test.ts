import { spawn } from 'node:child_process';

import { Log } from '../../../src/engine/pod/log';
import { SupervisedProcess, type ProcessOptions } from '../../../src/engine/pod/process';

const running: SupervisedProcess[] = [];

function supervise(script: string, more: Partial<ProcessOptions> = {}): { process: SupervisedProcess; log: Log } {
  const log = new Log();
  const process = new SupervisedProcess({ start: () => spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] }), log, ...more });
  running.push(process);
  process.start();
  return { process, log };
}

afterEach(() => Promise.all(running.splice(0).map((process) => process.kill())));

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !condition() && Date.now() < deadline;) {
    await new Promise((wake) => setTimeout(wake, 10));
  }
  expect(condition()).toBe(true);
}

const texts = (log: Log): string[] => log.all().map(({ text }) => text);

test('what ends by itself is started again, and its log goes on', async () => {
  const { process, log } = supervise('echo here; exit 3');
  await until(() => process.restarts === 2);

  expect(texts(log).slice(0, 3)).toEqual(['here', 'ended with code 3, starts again in 100 ms', 'here']);
  expect(texts(log)).toContain('ended with code 3, starts again in 200 ms');
});

test('work that is done is not started again', async () => {
  const { process } = supervise('exit 0', { mayComplete: true });
  await until(() => process.state === 'completed');

  expect(process.restarts).toBe(0);
});

test('stop asks, waits, and then kills whatever was started', async () => {
  const { process } = supervise('trap "" TERM; sleep 60 & while true; do sleep 0.05; done');
  await new Promise((wake) => setTimeout(wake, 100));
  const started = Date.now();
  await process.stop(300);

  expect(Date.now() - started).toBeGreaterThanOrEqual(290);
  expect(process.state).toBe('stopped');
});

test('kill holds it down until it is started', async () => {
  const { process } = supervise('while true; do sleep 0.05; done');
  await process.kill();
  await new Promise((wake) => setTimeout(wake, 300));
  expect(process.state).toBe('killed');

  process.start();
  expect(process.state).toBe('running');
});

test('a program that does not exist is told, not thrown', async () => {
  const log = new Log();
  const process = new SupervisedProcess({ start: () => spawn('/no/such/program', [], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] }), log });
  running.push(process);
  process.start();
  await until(() => process.restarts === 1);

  expect(texts(log)[0]).toContain('cannot start: spawn /no/such/program ENOENT');
});
