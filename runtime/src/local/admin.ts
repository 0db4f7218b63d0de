import { request } from 'node:http';

/** Asks an Envoy's admin interface at a Unix socket. */
export function adminText(socketPath: string, path: string, method: 'GET' | 'POST' = 'GET'): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, method, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(`${path}: ${response.statusCode} ${text.trim()}`))));
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end();
  });
}
