// webapp: the shop's front, which asks the catalog.   node webapp.js
import { get, type Service } from './web/client';
import { WebServer, run } from './web/server';
import { forwardedHeaders } from './web/trace-headers';

export function webapp(catalog: Service = { url: 'http://catalog', timeoutMs: 3000 }): WebServer {
  return new WebServer({
    'GET /': () => ({ body: 'webapp: /api/catalog\n' }),
    'GET /api/catalog': async ({ headers }) => {
      const items = await get<object[]>(catalog, '/items', forwardedHeaders(headers));
      return items.ok ? { body: items.value } : { status: 502, body: 'the catalog is not available\n' };
    },
  });
}

if (require.main === module) void run(webapp(), Number(process.env.PORT ?? 80));
