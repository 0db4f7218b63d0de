import { connect as connectHttp2 } from 'node:http2';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';

/** A probe of a container as it was before it was sent to the agent, its port a number. */
export interface AppProbe {
  readonly httpGet?: HttpGet;
  readonly tcpSocket?: { readonly port: number };
  readonly grpc?: { readonly port: number; readonly service?: string };
  readonly timeoutSeconds?: number;
}

interface HttpGet {
  readonly path?: string;
  readonly port: number;
  readonly scheme?: string;
  readonly host?: string;
  readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[];
}

/** What the application said; 500 where it said nothing. */
export interface ProbeAnswer {
  readonly status: number;
  readonly body: string;
}

export interface ProbeOptions {
  /** A connection to a port of the application, past the proxy. */
  readonly connect: (port: number) => Promise<Duplex>;
  /** Of the kubelet's request; `host` counts. */
  readonly headers?: IncomingHttpHeaders;
}

const LONGEST_BODY = 10 * 1024;
const FAILED: ProbeAnswer = { status: 500, body: '' };
const SERVING = 1;

/** Reads `ISTIO_KUBE_APP_PROBERS`: probes by path. What is none is left out. */
export function readAppProbes(text: string | undefined): ReadonlyMap<string, AppProbe> {
  try {
    const entries = Object.entries(JSON.parse(text ?? '{}') as Readonly<Record<string, AppProbe>>);
    return new Map(entries.filter(([path, probe]) => /^\/app-(health|lifecycle)\/[^/]+\/[a-z]+$/.test(path) && typeof portOf(probe) === 'number'));
  } catch {
    return new Map();
  }
}

/** Does what the kubelet would have done. It fails with status 500, as Istio's agent says it. */
export async function askApplication(probe: AppProbe, { connect, headers = {} }: ProbeOptions): Promise<ProbeAnswer> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1_000;
  let socket: Duplex | undefined;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ProbeAnswer>((resolve) => {
    timer = setTimeout(() => resolve(FAILED), timeoutMs);
  });
  const asked = connect(portOf(probe) ?? 0).then((opened) => {
    socket = opened;
    opened.on('error', () => undefined);
    if (probe.httpGet) return askHttp(probe.httpGet, opened, headers);
    return probe.grpc ? askGrpc(probe.grpc.service ?? '', opened) : { status: 200, body: '' };
  });
  const answer = await Promise.race([asked.catch(() => FAILED), late]);
  clearTimeout(timer);
  void asked.finally(() => socket?.destroy()).catch(() => undefined);
  if (answer === FAILED) socket?.destroy();
  return answer;
}

function portOf(probe: AppProbe): number | undefined {
  return probe.httpGet?.port ?? probe.tcpSocket?.port ?? probe.grpc?.port;
}

/** Where the answer leads elsewhere it is good: the kubelet's caller could not follow (as Istio's agent). */
async function askHttp(get: HttpGet, socket: Duplex, given: IncomingHttpHeaders): Promise<ProbeAnswer> {
  const secure = get.scheme?.toUpperCase() === 'HTTPS';
  const host = (get.httpHeaders ?? []).find(({ name }) => name.toLowerCase() === 'host')?.value ?? get.host ?? given.host?.replace(/:\d+$/, `:${get.port}`);
  const own = Object.fromEntries((get.httpHeaders ?? []).map(({ name, value }) => [name.toLowerCase(), value]));
  const stream = secure ? connectTls({ socket, rejectUnauthorized: false }) : socket;
  const path = get.path ?? '/';
  const options = {
    method: 'GET', path: path.startsWith('/') ? path : `/${path}`, createConnection: () => stream as never,
    headers: { ...given, ...own, host: host ?? `localhost:${get.port}`, connection: 'close' },
  };
  return new Promise((resolve, reject) => {
    const call = httpRequest(options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body = (body + chunk).slice(0, LONGEST_BODY);
      });
      const status = response.statusCode ?? 500;
      response.on('end', () => resolve({ status: status >= 300 && status < 400 ? 200 : status, body }));
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end();
  });
}

/** https://github.com/grpc/grpc/blob/master/doc/health-checking.md; the two messages are short enough to be written by hand. */
function askGrpc(service: string, socket: Duplex): Promise<ProbeAnswer> {
  const name = Buffer.from(service);
  const message = name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, name.length]), name]);
  if (name.length > 127) return Promise.resolve(FAILED);
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  return new Promise((resolve, reject) => {
    const session = connectHttp2('http://localhost', { createConnection: () => socket as never });
    session.on('error', reject);
    const call = session.request({ ':method': 'POST', ':path': '/grpc.health.v1.Health/Check', 'content-type': 'application/grpc', 'te': 'trailers' });
    const chunks: Buffer[] = [];
    call.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
    call.on('end', () => {
      const reply = Buffer.concat(chunks);
      // A frame's head of five bytes, then field 1: the status.
      resolve({ status: reply.length >= 7 && reply[5] === 0x08 && reply[6] === SERVING ? 200 : 500, body: '' });
      session.close();
    });
    call.end(Buffer.concat([frame, message]));
  });
}
