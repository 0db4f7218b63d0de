import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { readGrpcWish } from './echo-wish';

/** https://github.com/grpc/grpc/blob/master/doc/health-checking.md: probes of Kubernetes ask so, and the answer is that of every service. */
const HEALTH_CHECK = '/grpc.health.v1.Health/Check';
/** A message of two bytes: field 1, the status, is SERVING. */
const SERVING = Buffer.from([0, 0, 0, 0, 2, 0x08, 0x01]);

/**
 * Any method of any service: messages come back as they are and as they come, which serves calls of one message and streams alike
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). The metadata may ask for a status, a delay, or more messages.
 */
export async function answerGrpc(request: Http2ServerRequest, response: Http2ServerResponse, pod: string): Promise<void> {
  const wish = readGrpcWish(request.headers, Number(request.headers['x-envoy-attempt-count'] ?? 1));
  if (wish.delayMs > 0) await sleep(wish.delayMs);
  response.setHeader('content-type', 'application/grpc');
  response.setHeader('x-served-by', pod);
  if (wish.status !== 0) {
    request.resume();
    // An answer without messages says how it ended in its head: only there can a proxy see it in time to try again.
    response.setHeader('grpc-status', String(wish.status));
    response.setHeader('grpc-message', `${pod} was asked for this status`);
    response.end();
    return;
  }
  response.addTrailers({ 'grpc-status': '0' });
  response.writeHead(200);
  if (request.url === HEALTH_CHECK) {
    request.resume();
    response.end(SERVING);
    return;
  }
  for await (const bytes of request as AsyncIterable<Buffer>) {
    for (let n = 0; n < wish.messages; n++) response.write(bytes);
  }
  response.end();
}
