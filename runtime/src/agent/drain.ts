import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN_PORT } from './static-resources';

const POLL_MS = 1_000;

/** How long a proxy that is to end goes on to serve. */
export interface DrainOptions {
  /** @default 5 s, as in Istio */
  readonly durationMs: number;
  /** Ends as soon as no connection is left, but not before this; then `durationMs` does not count. @default not watched */
  readonly untilIdleMs?: number;
}

/** Tells Envoy to accept no more, and waits while it answers what it has begun; resolves early when `ended` does. */
export async function drainEnvoy({ durationMs, untilIdleMs }: DrainOptions, ended: Promise<unknown>): Promise<void> {
  let gone = false;
  void ended.then(() => (gone = true));
  await post('/healthcheck/fail');
  await post('/drain_listeners?inboundonly&graceful');
  if (untilIdleMs === undefined) {
    await Promise.race([sleep(durationMs, undefined, { ref: false }), ended]);
    return;
  }
  await Promise.race([sleep(untilIdleMs, undefined, { ref: false }), ended]);
  while (!gone && await activeConnections() > 0) await sleep(POLL_MS);
}

/** Connections of the listeners that captured or gateway traffic comes by; those of Envoy's own listeners do not count. */
async function activeConnections(): Promise<number> {
  const text = await call('GET', `/stats?usedonly&filter=${encodeURIComponent('^listener\\..*downstream_cx_active$')}`).catch(() => '');
  return text.split('\n').reduce((sum, line) => {
    const match = /^listener\.(.+?)\.downstream_cx_active: (\d+)$/.exec(line.trim());
    return match && !/^admin|_(15021|15090)$|worker_/.test(match[1] as string) ? sum + Number(match[2]) : sum;
  }, 0);
}

/** An Envoy that does not answer is about to end anyway. */
async function post(path: string): Promise<void> {
  await call('POST', path).catch(() => undefined);
}

function call(method: 'GET' | 'POST', path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: ADMIN_PORT, method, path, agent: false, timeout: 2_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.end();
  });
}
