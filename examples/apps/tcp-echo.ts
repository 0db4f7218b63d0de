// tcp-echo: sends every line back with a prefix in front.   node tcp-echo.js 'two '
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

export function tcpEcho(prefix: string): Server {
  return createServer((socket: Socket) => {
    socket.on('error', () => socket.destroy());
    createInterface({ input: socket, crlfDelay: Infinity }).on('line', (line) => socket.write(`${prefix}${line}\n`));
  });
}

if (require.main === module) {
  const server = tcpEcho(process.argv[2] ?? '');
  process.once('SIGTERM', () => {
    server.close(() => process.exit(0));
    // Lines that are on their way are still answered; who keeps a connection open does not keep the pod.
    setTimeout(() => process.exit(0), 1000);
  });
  process.once('SIGINT', () => process.exit(0));
  const port = Number(process.env.PORT ?? 9000);
  server.listen(port, '0.0.0.0', () => console.log(`listening on ${port}`));
}
