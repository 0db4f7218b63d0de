// ratings: the stars that each reviewer of a book gave. `POST /ratings/0` with {"Reviewer1": 3} changes them until the next restart.
// v2 reads them from MongoDB: MONGO_DB_URL=mongodb://mongodb:27017/test node ratings.js v2
import { findAll } from './mongo/client';
import { WebServer, run, type Answer } from './web/server';

export function ratings(): WebServer {
  const stars = new Map<string, Record<string, number>>();
  const of = (id: string): Record<string, number> => stars.get(id) ?? { Reviewer1: 5, Reviewer2: 4 };
  return new WebServer({
    'GET /health': () => ({ body: { status: 'Ratings is healthy' } }),
    'GET /ratings/:id': ({ parameters: { id } }) => whenNumber(id, () => ({ body: { id: Number(id), ratings: of(id) } })),
    'POST /ratings/:id': ({ parameters: { id }, body }) => whenNumber(id, () => {
      const given = parseStars(body);
      if (!given) return { status: 400, body: { error: 'expected stars from 1 to 5 by reviewer, such as {"Reviewer1": 3}' } };
      stars.set(id, { ...of(id), ...given });
      return { body: { id: Number(id), ratings: of(id) } };
    }),
  });
}

/** The first two documents of the collection `ratings`, as Istio's sample has it. */
export function ratingsFromDatabase(url = process.env.MONGO_DB_URL ?? 'mongodb://mongodb:27017/test'): WebServer {
  const { hostname: host, port, pathname } = new URL(url);
  const collection = { host, port: Number(port || 27017), database: pathname.slice(1) || 'test', collection: 'ratings' };
  return new WebServer({
    'GET /health': () => ({ body: { status: 'Ratings is healthy' } }),
    'GET /ratings/:id': async ({ parameters: { id } }) => {
      try {
        const [first, second] = (await findAll(collection)).map(({ rating }) => rating);
        return whenNumber(id, () => ({ body: { id: Number(id), ratings: { Reviewer1: first, Reviewer2: second } } }));
      } catch (error) {
        return { status: 500, body: { error: `could not connect to ratings database: ${(error as Error).message}` } };
      }
    },
  });
}

function whenNumber(id: string, answer: () => Answer): Answer {
  return /^\d+$/.test(id) ? answer() : { status: 400, body: { error: 'please provide numeric product ID' } };
}

function parseStars(body: string): Record<string, number> | undefined {
  try {
    const given: unknown = JSON.parse(body);
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
    const valid = Object.values(given).every((n) => Number.isInteger(n) && n >= 1 && n <= 5);
    return valid ? (given as Record<string, number>) : undefined;
  } catch {
    return undefined;
  }
}

if (require.main === module) void run(process.argv[2] === 'v2' ? ratingsFromDatabase() : ratings(), Number(process.env.PORT ?? 9080));
