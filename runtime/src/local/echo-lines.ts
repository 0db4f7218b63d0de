import type { Socket } from 'node:net';

/** Lines come back behind the pod's name, however they are cut. A server that speaks first says that it is there before anybody asks. */
export function serveLines(socket: Socket, pod: string, first: boolean): void {
  const prefix = `${pod} `;
  let atLineStart = true;
  if (first) socket.write(`${prefix}speaks first\n`);
  socket.on('data', (chunk) => {
    const text = chunk.toString('latin1');
    const marked = (atLineStart ? prefix : '') + text.replace(/\n(?=.)/gs, `\n${prefix}`);
    atLineStart = text.endsWith('\n');
    socket.write(Buffer.from(marked, 'latin1'));
  });
}
