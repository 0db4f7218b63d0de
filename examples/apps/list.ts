// list: a text that can be read and replaced, such as a white list.   node list.js
import { WebServer, run } from './web/server';

export function list(text: string): WebServer {
  let current = text;
  return new WebServer({
    'GET /': () => ({ body: current }),
    'PUT /': ({ body }) => {
      current = body;
      return { status: 204 };
    },
  });
}

if (require.main === module) void run(list(process.env.LIST ?? ''), Number(process.env.PORT ?? 8080));
