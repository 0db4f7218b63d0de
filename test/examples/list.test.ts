import { list } from '../../examples/apps/list';

test('list gives the text that it was given last', async () => {
  const server = list('gold\n');
  const url = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}/`;
  expect(await (await fetch(url)).text()).toBe('gold\n');
  expect((await fetch(url, { method: 'PUT', body: 'silver\n' })).status).toBe(204);
  expect(await (await fetch(url)).text()).toBe('silver\n');
  await server.stop();
});
