import { once } from 'node:events';
import { mesh, startMeshCommand } from './run-mesh';

jest.setTimeout(60_000);

test.each([
  [['--http', '0'], 'there is nothing to compare with'],
  [['--entry', 'a'], 'nobody could ask'],
  [['--entry', 'a', '--http', '0', '--value', 'colour'], '--value is colour'],
  [['--entry', '10.0.0.1', '--http', '0', '--value', 'source.ip'], 'known over gRPC only'],
  [['--entry', 'a', '--http', '70000'], '70000 is no port'],
  [['--entry', 'a', '--http', '0', '--refresh', 'soon'], '--refresh is soon'],
  [['--entry', 'a', '--http', '0', '--status', '200'], '--status is 200'],
  [['--entry', 'a', '--http', '0', '--mode', 'maybe'], "argument 'maybe' is invalid"],
])('mesh list-checker %j is refused', async (args, message) => {
  const { code, stderr } = await mesh(['list-checker', ...args]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('mesh list-checker answers until it is told to end', async () => {
  const child = startMeshCommand(['list-checker', '--entry', 'alice', 'bob', '--http', '0']);
  const [line] = await once(child.stderr!.setEncoding('utf8'), 'data') as [string];
  const { http } = JSON.parse(line) as { http: number };
  const ask = async (user: string) => (await fetch(`http://127.0.0.1:${http}/`, { headers: { 'x-user': user } })).status;
  expect([await ask('bob'), await ask('mallory')]).toEqual([200, 403]);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});
