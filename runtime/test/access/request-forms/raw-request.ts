import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';

const ANSWER_MS = 10_000;

/** What came back: a status, or `closed` where there was no answer; and what the application says that it was asked for. */
export interface RawAnswer {
  readonly status: number | 'closed';
  readonly arrived?: { readonly path: string; readonly headers: Readonly<Record<string, string | readonly string[] | undefined>> };
}

/** Sends these bytes, one for each letter, and reads one answer. */
export function sendRaw(port: number, bytes: string): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from(bytes, 'latin1')));
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no answer to ${JSON.stringify(bytes)}`)));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const answer = parseAnswer(Buffer.concat(chunks), bytes.startsWith('HEAD '));
      if (answer) {
        socket.destroy();
        resolve(answer);
      }
    });
    socket.on('close', () => resolve({ status: 'closed' }));
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? resolve({ status: 'closed' }) : reject(error)));
  });
}

/** Undefined until all of it is there. */
function parseAnswer(bytes: Buffer, bodyless: boolean): RawAnswer | undefined {
  const text = bytes.toString('utf8');
  const end = text.indexOf('\r\n\r\n');
  const [head, body] = [text.slice(0, end), text.slice(end + 4)];
  const length = /\r\ncontent-length: (\d+)/i.exec(head);
  const whole = end >= 0 && (bodyless || (length ? Buffer.byteLength(body) >= Number(length[1]) : /\r\n0\r\n\r\n$/.test(text) || !/transfer-encoding/i.test(head)));
  if (!whole) {
    return undefined;
  }
  const json = body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1);
  return answerOf(Number(head.split(' ')[1]), json);
}

function answerOf(status: number, body: string): RawAnswer {
  return { status, ...(status === 200 && { arrived: JSON.parse(body) as RawAnswer['arrived'] }) };
}

/** The same with HTTP/2, where targets and hosts are headers. */
export function sendHttp2(port: number, headers: Readonly<Record<string, string | readonly string[]>>): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const done = (answer: RawAnswer): void => { session.destroy(); resolve(answer); };
    session.setTimeout(ANSWER_MS, () => done({ status: 'closed' }));
    session.on('error', () => done({ status: 'closed' }));
    session.on('close', () => done({ status: 'closed' }));
    const request = session.request(headers as Record<string, string>, { endStream: true });
    const chunks: Buffer[] = [];
    let status = 0;
    request.on('response', (answer) => { status = Number(answer[':status']); });
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => done(status ? answerOf(status, Buffer.concat(chunks).toString()) : { status: 'closed' }));
    request.on('error', () => done({ status: 'closed' }));
  });
}
