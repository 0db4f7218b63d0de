// helloworld: says hello and which version it is.   node helloworld.js v2
import { WebServer, run } from './web/server';

export function helloworld(version: string): WebServer {
  return new WebServer({
    'GET /health': () => ({ body: 'Helloworld is healthy\n' }),
    'GET /hello': () => ({ body: `Hello version: ${version}, instance: ${process.env.HOSTNAME ?? 'localhost'}\n` }),
  });
}

if (require.main === module) void run(helloworld(process.argv[2] ?? 'v1'), Number(process.env.PORT ?? 5000));
