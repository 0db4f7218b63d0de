import { request } from 'node:http';

/** Without a byte for so long there will be no answer: whoever waits for a proxy asks again. */
const SILENCE_MS = 10_000;

/** Asks an Envoy's admin interface at a Unix socket. */
export function adminText(socketPath: string, path: string, method: 'GET' | 'POST' = 'GET', silenceMs = SILENCE_MS): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, method, agent: false, timeout: silenceMs }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(`${path}: ${response.statusCode} ${text.trim()}`))));
      response.on('error', reject);
    });
    call.on('timeout', () => call.destroy(new Error(`${path}: no answer within ${silenceMs / 1000} s`)));
    call.on('error', reject);
    call.end();
  });
}
