import type { IncomingHttpHeaders } from 'node:http';

/** The proxies join their spans to one trace only if the application hands these on. */
const TRACE = [
  'x-request-id', 'x-b3-traceid', 'x-b3-spanid', 'x-b3-parentspanid', 'x-b3-sampled', 'x-b3-flags', 'b3', 'x-ot-span-context',
  'traceparent', 'tracestate', 'x-cloud-trace-context', 'grpc-trace-bin',
];
/** And these say who asks: rules of the mesh match them further down the chain. */
const CALLER = ['end-user', 'cookie', 'authorization', 'user-agent'];

/** The headers of a request that the calls made on its behalf must carry. */
export function forwardedHeaders(incoming: IncomingHttpHeaders): Record<string, string> {
  const forwarded: Record<string, string> = {};
  for (const name of [...TRACE, ...CALLER]) {
    const value = incoming[name];
    if (typeof value === 'string') forwarded[name] = value;
  }
  return forwarded;
}
