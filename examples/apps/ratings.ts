// ratings: the stars that each reviewer of a book gave. `POST /ratings/0` with {"Reviewer1": 3} changes them until the next restart.
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

if (require.main === module) void run(ratings(), Number(process.env.PORT ?? 9080));
