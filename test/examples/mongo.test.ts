import type { AddressInfo, Server } from 'node:net';
import { decode, encode, type Document } from '../../examples/apps/mongo/bson';
import { findAll } from '../../examples/apps/mongo/client';
import { mongoStandIn } from '../../examples/apps/mongo-stand-in';
import { ratingsFromDatabase } from '../../examples/apps/ratings';

const DOCUMENTS: readonly Document[] = [{ rating: 5, by: { name: 'Reviewer1' } }, { rating: 2 }];

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test('documents come back as they were written', () => {
  const document = { int: 7, double: 0.5, long: 2n ** 40n, text: 'ä', yes: true, no: false, nothing: null, at: new Date(0), list: [1, ['a']], inner: { deep: {} } };
  expect(decode(encode(document))).toEqual(document);
});

test('a collection is read, and ratings v2 shows its first two documents', async () => {
  const server = mongoStandIn(DOCUMENTS);
  const port = await listening(server);
  expect(await findAll({ host: '127.0.0.1', port, database: 'test', collection: 'ratings' })).toEqual(DOCUMENTS);
  const web = ratingsFromDatabase(`mongodb://127.0.0.1:${port}/test`);
  const answer = await fetch(`http://127.0.0.1:${await web.listen(0, '127.0.0.1')}/ratings/0`);
  expect(await answer.json()).toEqual({ id: 0, ratings: { Reviewer1: 5, Reviewer2: 2 } });
  await web.stop();
  await new Promise((resolve) => server.close(resolve));
});

test('without a database there is an answer that says so', async () => {
  const web = ratingsFromDatabase('mongodb://127.0.0.1:1/test');
  const answer = await fetch(`http://127.0.0.1:${await web.listen(0, '127.0.0.1')}/ratings/0`);
  expect([answer.status, await answer.json()]).toEqual([500, { error: expect.stringContaining('could not connect to ratings database') }]);
  await web.stop();
});
