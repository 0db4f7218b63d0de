import { connect, type AddressInfo } from 'node:net';
import { tcpEcho } from '../../examples/apps/tcp-echo';

test('tcp-echo sends every line back behind its prefix', async () => {
  const server = tcpEcho('two ');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const answer = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => {
      socket.write('hello\nwo');
      socket.end('rld\n');
    });
    socket.on('data', (data) => (text += String(data))).on('end', () => resolve(text)).on('error', reject);
  });
  expect(answer).toBe('two hello\ntwo world\n');
  await new Promise((resolve) => server.close(resolve));
});
