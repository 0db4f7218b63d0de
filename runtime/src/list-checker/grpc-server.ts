import { Server, ServerCredentials, type handleUnaryCall } from '@grpc/grpc-js';
import type { CheckRequest, CheckResponse, StatusCode } from '../envoy';
import { decode, encode } from '../envoy';
import type { HttpServerOptions } from './http-server';
import type { Subject } from './check';

/** https://github.com/envoyproxy/envoy/blob/main/api/envoy/service/auth/v3/external_auth.proto */
const CHECK = '/envoy.service.auth.v3.Authorization/Check';
const PERMISSION_DENIED = 7;

/** Answers as Envoy's ext_authz filters ask over gRPC, about requests and about connections. */
export function serveGrpc({ decide, denial }: Omit<HttpServerOptions, 'pathPrefix'>): Server {
  const check: handleUnaryCall<CheckRequest, CheckResponse> = ({ request }, answer) => {
    const { allowed, value, reason } = decide(subjectOf(request));
    const headers = [{ header: { key: 'x-checked-value', value } }, { header: { key: 'x-check-reason', value: reason } }];
    answer(null, allowed
      ? { status: { code: 0 }, okResponse: { headers } }
      : { status: { code: PERMISSION_DENIED, message: reason }, deniedResponse: { status: { code: denial.status as StatusCode }, headers, body: denial.message } });
  };
  const server = new Server();
  server.addService({
    check: {
      path: CHECK, requestStream: false, responseStream: false,
      requestSerialize: (request: CheckRequest) => Buffer.from(encode('CheckRequest', request)),
      requestDeserialize: (bytes: Buffer) => decode('CheckRequest', bytes),
      responseSerialize: (response: CheckResponse) => Buffer.from(encode('CheckResponse', response)),
      responseDeserialize: (bytes: Buffer) => decode('CheckResponse', bytes),
    },
  }, { check });
  return server;
}

export function listenGrpc(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port)));
  });
}

function subjectOf({ attributes = {} }: CheckRequest): Subject {
  const { source = {}, request = {} } = attributes;
  const { headers = {}, method = '', path = '', host = '' } = request.http ?? {};
  return { headers, method, path, host, address: source.address?.socketAddress?.address ?? '', principal: (source.principal ?? '').replace(/^spiffe:\/\//, '') };
}
