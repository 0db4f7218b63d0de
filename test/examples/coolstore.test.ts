import { catalog } from '../../examples/apps/catalog';
import { webapp } from '../../examples/apps/webapp';
import type { WebServer } from '../../examples/apps/web/server';

const running: WebServer[] = [];

async function start(server: WebServer): Promise<string> {
  running.push(server);
  return `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
}

beforeEach(() => void jest.spyOn(console, 'error').mockImplementation());

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
  jest.restoreAllMocks();
});

test('the shop shows what the catalog has', async () => {
  const url = await start(webapp({ url: await start(catalog()), timeoutMs: 2000 }));
  const items = await (await fetch(`${url}/api/catalog`)).json() as { id: number }[];
  expect(items.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
});

test('without the catalog the shop says so', async () => {
  const url = await start(webapp({ url: 'http://127.0.0.1:1', timeoutMs: 500 }));
  expect((await fetch(`${url}/api/catalog`)).status).toBe(502);
});

test('the catalog knows what it does not have', async () => {
  const url = await start(catalog());
  expect(await (await fetch(`${url}/items/4`)).json()).toMatchObject({ name: 'Wall clock' });
  expect((await fetch(`${url}/items/9`)).status).toBe(404);
});
