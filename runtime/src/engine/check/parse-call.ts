import { CheckFault, show } from './fault';
import { parseDuration } from './quantity';
import { METHODS, type CALL_VERBS, type RawStep } from './raw';
import type { Call, Conversation, HttpCall } from './engine-port';
import type { Place } from './parse-expect';

const TIMEOUT_MS = 30_000;

type Verb = (typeof CALL_VERBS)[number];
type Word = 'tls' | 'headers' | 'cookie' | 'body' | 'http' | 'send' | 'greeting' | 'pause';

/** What a request may say besides who sends it how often. */
const WORDS: Readonly<Record<'http' | 'grpc' | 'websocket' | 'tcp', readonly Word[]>> = {
  http: ['headers', 'cookie', 'body', 'http', 'tls'],
  grpc: ['headers', 'send', 'tls'],
  websocket: ['headers', 'cookie', 'send', 'greeting', 'pause', 'tls'],
  tcp: ['send', 'greeting', 'pause', 'tls'],
};
const ALL_WORDS = [...new Set(Object.values(WORDS).flat())];
const NAMES = { http: 'HTTP', grpc: 'gRPC', websocket: 'WebSocket', tcp: 'TCP' } as const;

/** What is called, and what is said. */
export function parseCall(raw: RawStep, where: Place): Call {
  const timeoutMs = raw.timeout === undefined ? TIMEOUT_MS : parseDuration(raw.timeout);
  const [kind, verb] = kindOf(raw);
  const stray = ALL_WORDS.find((word) => raw[word] !== undefined && !WORDS[kind].includes(word));
  if (stray) throw new CheckFault(where.path, `"${stray}" does not belong to ${NAMES[kind]} calls; they have ${WORDS[kind].map((word) => `"${word}"`).join(', ')}`);
  const to = raw[verb] ?? '';
  if (raw.tls && kind !== 'tcp' && !/^(https|wss):/.test(to)) throw new CheckFault(where.path, '"tls" belongs to https://, wss:// and TCP calls');
  switch (kind) {
    case 'tcp': {
      const [host, port] = to.split(':');
      return { kind, host, port: Number(port), ...conversation(raw), timeoutMs };
    }
    case 'websocket':
      return { kind, url: url(to, where), headers: requestHeaders(raw), ...conversation(raw), timeoutMs };
    case 'grpc':
      return { kind, url: grpcUrl(to, where), headers: requestHeaders(raw), send: message(raw, where), web: verb === 'grpc-web', timeoutMs };
    case 'http':
      return {
        kind, method: verb.toUpperCase(), url: url(to, where), headers: requestHeaders(raw), body: raw.body,
        version: raw.http === undefined ? '1.1' : (Number(raw.http) === 2 ? '2' : String(raw.http)) as HttpCall['version'],
        timeoutMs,
      };
  }
}

function kindOf(raw: RawStep): ['http' | 'grpc' | 'websocket' | 'tcp', Verb] {
  if (raw.tcp !== undefined) return ['tcp', 'tcp'];
  if (raw.websocket !== undefined) return ['websocket', 'websocket'];
  if (raw.grpc !== undefined) return ['grpc', 'grpc'];
  if (raw['grpc-web'] !== undefined) return ['grpc', 'grpc-web'];
  return ['http', METHODS.find((verb) => raw[verb] !== undefined) ?? 'get'];
}

function conversation(raw: RawStep): Omit<Conversation, 'timeoutMs'> {
  const { send = [], greeting = false, pause } = raw;
  return { send: typeof send === 'string' ? [send] : send, greeting, pauseMs: pause === undefined ? 0 : parseDuration(pause) };
}

function message({ send = '' }: RawStep, where: Place): string {
  if (typeof send !== 'string') throw new CheckFault(where.path, 'a gRPC call sends one message');
  return send;
}

function grpcUrl(text: string, where: Place): string {
  if (!/^https?:\/\/[^/]+\/[^/]+\/[^/]+$/.test(url(text, where))) {
    throw new CheckFault(where.path, `got ${show(text)}, expected the URL of a gRPC method such as http://echo:7070/echo.Echo/Say`);
  }
  return text;
}

function url(text: string, where: Place): string {
  if (!URL.canParse(text)) throw new CheckFault(where.path, `${show(text)} is no URL`);
  return text;
}

function requestHeaders(raw: RawStep): Record<string, string> {
  const headers = Object.entries(raw.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return { ...Object.fromEntries(headers), ...(raw.cookie === undefined ? {} : { cookie: raw.cookie }) };
}
