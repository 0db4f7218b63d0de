import type { IncomingHttpHeaders } from 'node:http2';

/** What an answer is to be like, for trying out what a mesh does. */
export interface Wish {
  readonly status: number;
  readonly delayMs: number;
}

export interface GrpcWish extends Wish {
  /** How often a message comes back. */
  readonly messages: number;
}

const LONGEST_DELAY_MS = 3_600_000;
const MOST_MESSAGES = 1_000;
/** https://grpc.io/docs/guides/status-codes/ */
const UNAVAILABLE = 14;

/**
 * `/status/503`, `/delay/2` (seconds) and the parameters `status=503`, `delay=1.5s` or `250ms`. With `failures=2` only the first two attempts
 * of a request get the status, as the proxy counts them.
 */
export function readWish(target: string, attempt: number): Wish {
  // A path may start with two slashes, which would make its first segment a host.
  const url = new URL(target.startsWith('/') ? `http://echo${target}` : target, 'http://echo');
  const [, word, value = ''] = url.pathname.split('/');
  const status = Number(url.searchParams.get('status') ?? (word === 'status' ? value : ''));
  const delay = parseDelay(url.searchParams.get('delay') ?? (word === 'delay' ? value : ''));
  const wished = status >= 200 && status <= 599 && !isOver(url.searchParams.get('failures'), attempt);
  return { status: wished ? Math.floor(status) : 200, delayMs: delay };
}

/** The same as metadata: `echo-status: 14`, `echo-delay: 250ms`, `echo-failures: 2`; and `echo-messages: 3`. */
export function readGrpcWish(headers: IncomingHttpHeaders, attempt: number): GrpcWish {
  const text = (name: string) => String(headers[`echo-${name}`] ?? '');
  const failures = text('failures');
  const status = Number(text('status') || (failures ? UNAVAILABLE : 0));
  return {
    status: status > 0 && status <= 16 && !isOver(failures || null, attempt) ? Math.floor(status) : 0,
    delayMs: parseDelay(text('delay')),
    messages: Math.min(Math.max(1, Math.floor(Number(text('messages')) || 1)), MOST_MESSAGES),
  };
}

function isOver(failures: string | null, attempt: number): boolean {
  return failures !== null && attempt > Number(failures);
}

function parseDelay(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text);
  return match ? Math.min(Number(match[1]) * (match[2] === 'ms' ? 1 : 1000), LONGEST_DELAY_MS) : 0;
}
