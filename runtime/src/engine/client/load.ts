import { performance } from 'node:perf_hooks';

import type { Answer, Call, HttpCall, Load } from '../check/engine-port';
import { GrpcSender } from './grpc';
import { GrpcWebSender } from './grpc-web';
import { Http1Sender } from './http1';
import { Http10Sender } from './http1-0';
import { Http2Sender } from './http2';
import type { Reply, Sender, Target } from './target';
import { TcpSender } from './tcp';
import { WebSocketSender } from './websocket';

/** Sends `load.times` calls, `load.parallel` at a time. The answers come in the order in which they arrived. */
export async function sendLoad(call: Call, load: Load, targets: readonly Target[] = []): Promise<Answer[]> {
  const answers: Answer[] = [];
  let left = load.times;
  const work = async (index: number) => {
    const sender = senderFor(call, targets[index % targets.length]);
    while (left > 0) {
      left -= 1;
      answers.push(await measure(() => sender.send(call)));
    }
    sender.close();
  };
  await Promise.all(Array.from({ length: Math.min(load.parallel, load.times) }, (_, index) => work(index)));
  return answers;
}

function senderFor(call: Call, target: Target | undefined): Sender<Call> {
  return chooseSender(call, target) as Sender<Call>;
}

function chooseSender(call: Call, target: Target | undefined) {
  switch (call.kind) {
    case 'http':
      return httpSender(call, target);
    case 'grpc':
      return call.web ? new GrpcWebSender(target) : new GrpcSender(target);
    case 'websocket':
      return new WebSocketSender(target);
    case 'tcp':
      return new TcpSender(target);
  }
}

function httpSender(call: HttpCall, target: Target | undefined): Sender<HttpCall> {
  switch (call.version) {
    case '1.0':
      return new Http10Sender(target);
    case '1.1':
      return new Http1Sender(target);
    case '2':
      return new Http2Sender(target);
  }
}

async function measure(send: () => Promise<Reply>): Promise<Answer> {
  const start = performance.now();
  try {
    const reply = await send();
    return { ...reply, durationMs: performance.now() - start };
  } catch (error) {
    return { headers: {}, body: '', error: errorCode(error), durationMs: performance.now() - start };
  }
}

function errorCode(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code ?? message ?? String(error);
}
