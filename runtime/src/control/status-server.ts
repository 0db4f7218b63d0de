import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import type { ConnectionStatus } from '../xds';
import type { ControlPlane } from './control-plane';
import type { ControlMetrics } from './metrics';

/** istiod's monitoring port: `/ready`, `/metrics`, `/debug/syncz`, `/debug/problems`. */
export function serveStatus(control: ControlPlane, metrics: ControlMetrics): Server {
  return createServer((request, response) => {
    answer({ control, metrics }, request, response).catch((error: Error) => send(response, { status: 500, type: 'text/plain', body: error.message }));
  });
}

interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

async function answer(of: { control: ControlPlane; metrics: ControlMetrics }, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  switch (pathname) {
    case '/ready':
      return send(response, of.control.isReady() ? text(200, 'ready') : text(503, 'no configuration yet'));
    case '/metrics':
      return send(response, { status: 200, type: of.metrics.registry.contentType, body: await of.metrics.registry.metrics() });
    case '/debug/syncz':
      return send(response, json(of.control.status().map(syncRow)));
    case '/debug/problems':
      return send(response, json(of.control.state().problems));
    default:
      return send(response, text(404, `no ${pathname} here, there are /ready, /metrics, /debug/syncz and /debug/problems`));
  }
}

/** What each proxy has acknowledged, by type. */
function syncRow({ types, ...connection }: ConnectionStatus): object {
  return { ...connection, types: Object.fromEntries(types) };
}

function text(status: number, body: string): Page {
  return { status, type: 'text/plain; charset=utf-8', body: `${body}\n` };
}

function json(value: unknown): Page {
  return { status: 200, type: 'application/json', body: `${JSON.stringify(value, undefined, 2)}\n` };
}

function send(response: ServerResponse, page: Page): void {
  response.writeHead(page.status, { 'content-type': page.type }).end(page.body);
}
