import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Subject, Verdict } from './check';

export interface HttpServerOptions {
  /** What Envoy puts before the paths of requests: `pathPrefix` of the provider. */
  readonly pathPrefix: string;
  readonly decide: (subject: Subject) => Verdict;
  /** What denied requests are answered with. */
  readonly denial: { readonly status: number; readonly message: string };
}

/** Whether it is ready to be asked; anything else is a question. */
const READY = '/ready';

/**
 * Answers as Envoy's ext_authz filter asks over HTTP: 200 lets a request pass, anything else is the client's answer
 * (https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter).
 */
export function serveHttp({ pathPrefix, decide, denial }: HttpServerOptions): Server {
  return createServer((request, response) => {
    request.resume();
    if (request.url === READY && pathPrefix !== '') {
      response.writeHead(200).end();
      return;
    }
    const { allowed, value, reason } = decide(subjectOf(request, pathPrefix));
    const told = { 'x-checked-value': headerText(value), 'x-check-reason': headerText(reason) };
    if (allowed) {
      response.writeHead(200, told).end();
    } else {
      response.writeHead(denial.status, { ...told, 'content-type': 'text/plain; charset=utf-8' }).end(denial.message);
    }
  });
}

/** Where a request comes from is not said over HTTP: `x-forwarded-for` is what callers write. */
function subjectOf({ headers, method = '', url = '/' }: IncomingMessage, pathPrefix: string): Subject {
  return {
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value])),
    method,
    path: url.startsWith(pathPrefix) ? url.slice(pathPrefix.length) || '/' : url,
    host: headers.host ?? '',
    address: '',
    principal: principalOf(String(headers['x-forwarded-client-cert'] ?? '')),
  };
}

/** The last entry is that of the proxy that asks, about whom it has spoken to; without mutual TLS it takes the header away. */
function principalOf(clientCertificates: string): string {
  return /URI=spiffe:\/\/([^;,"]+)/.exec(clientCertificates.split(',').at(-1) ?? '')?.[1] ?? '';
}

/** A value comes from a client: whatever could not stand in a header is left out. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '');
}
