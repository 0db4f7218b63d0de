// details: what is printed on the last page of a book.
import { WebServer, run } from './web/server';

/** `GET /details/0` */
export interface Details {
  readonly id: number;
  readonly author: string;
  readonly year: number;
  readonly type: string;
  readonly pages: number;
  readonly publisher: string;
  readonly language: string;
  readonly 'ISBN-10': string;
  readonly 'ISBN-13': string;
}

const book = {
  'author': 'William Shakespeare',
  'year': 1595,
  'type': 'paperback',
  'pages': 200,
  'publisher': 'PublisherA',
  'language': 'English',
  'ISBN-10': '1234567890',
  'ISBN-13': '123-1234567890',
};

export function details(): WebServer {
  return new WebServer({
    'GET /health': () => ({ body: { status: 'Details is healthy' } }),
    'GET /details/:id': ({ parameters: { id } }) => (/^\d+$/.test(id)
      ? { body: { id: Number(id), ...book } satisfies Details }
      : { status: 400, body: { error: 'please provide numeric product id' } }),
  });
}

if (require.main === module) void run(details(), Number(process.env.PORT ?? 9080));
