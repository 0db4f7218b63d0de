import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { check, type Rules } from './check';
import { listenGrpc, serveGrpc } from './grpc-server';
import { serveHttp } from './http-server';
import { ListSource, type ListSourceOptions } from './list-source';

export interface ListCheckerOptions extends Rules, Omit<ListSourceOptions, 'onLook'> {
  /** Ports; 0 is any, undefined none. */
  readonly http?: number;
  readonly grpc?: number;
  readonly pathPrefix: string;
  readonly denial: { readonly status: number; readonly message: string };
}

export interface ListChecker {
  readonly http?: number;
  readonly grpc?: number;
  close(): void;
}

/** Decides for proxies by a list whether requests may pass. */
export async function startListChecker(options: ListCheckerOptions, log = pino({ name: 'list-checker' }, pino.destination(2))): Promise<ListChecker> {
  const source = new ListSource({
    ...options,
    onLook: (outcome) => ('fault' in outcome ? log.warn(`the list cannot be had: ${outcome.fault}; ${source.list ? 'the last one holds' : 'nobody passes until it is there'}`)
      : log.debug({ entries: outcome.entries }, 'the list is there')),
  });
  const parts = { ...options, decide: (subject: Parameters<typeof check>[0]) => check(subject, source.list, options) };
  const http = options.http === undefined ? undefined : serveHttp(parts);
  const grpc = options.grpc === undefined ? undefined : serveGrpc(parts);
  // Whoever asks before the list is there is told so: the source may be reached through proxies that wait for this very pod.
  const httpPort = http && await new Promise<number>((resolve, reject) => {
    http.once('error', reject).listen(options.http, () => resolve((http.address() as AddressInfo).port));
  });
  const grpcPort = grpc && await listenGrpc(grpc, `0.0.0.0:${options.grpc}`);
  log.info({ http: httpPort, grpc: grpcPort, list: options.from }, `${options.mode === 'allow' ? 'lets' : 'does not let'} requests pass whose ${options.attribute} is on the list`);
  void source.start();
  return {
    http: httpPort, grpc: grpcPort,
    close: () => {
      source.close();
      http?.close();
      http?.closeAllConnections();
      grpc?.forceShutdown();
    },
  };
}
