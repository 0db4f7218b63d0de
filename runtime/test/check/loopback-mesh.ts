import { createServer, request, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Answer, Call, EnginePort, HttpCall, Load, ObjectName, Origin, PodState, TcpCall } from '../../src/engine/check';
import type { Problem } from '../../src/model/problem';

interface LoopbackPod {
  readonly state: PodState;
  readonly server: Server;
  readonly port: number;
}

/**
 * A mesh without proxies: every pod is a real HTTP server on loopback, `http://NAME/` goes to the ready pods of that name in turn.
 * Enough to see that the language says what it means; the proxies come in when the examples run.
 */
export class LoopbackMesh implements EnginePort {
  readonly journal: string[] = [];
  readonly lines: string[] = [];
  readonly counters = new Map<string, number>();
  problemList: Problem[] = [];
  private readonly running: LoopbackPod[] = [];
  private turn = 0;

  async add(app: string, version: string, listener: RequestListener): Promise<string> {
    const name = `${app}-${version}-${this.running.length}`;
    const server = createServer((incoming, response) => {
      response.setHeader('x-served-by', name);
      this.lines.push(`${incoming.method} ${incoming.url}`);
      this.counters.set('requests', (this.counters.get('requests') ?? 0) + 1);
      listener(incoming, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const state = { namespace: 'default', name, labels: { app, version }, ready: true, containers: [app, 'istio-proxy'] };
    this.running.push({ state, server, port: (server.address() as AddressInfo).port });
    return name;
  }

  close(): void {
    for (const { server } of this.running) server.close().closeAllConnections();
  }

  pods(): PodState[] {
    return this.running.map(({ state }) => state);
  }

  async send(_origin: Origin, call: Call, { times, parallel }: Load): Promise<Answer[]> {
    const answers: Answer[] = [];
    const worker = async (): Promise<void> => {
      while (times-- > 0) answers.push(await this.once(call));
    };
    await Promise.all(Array.from({ length: parallel }, worker));
    return answers;
  }

  private async once(call: Call): Promise<Answer> {
    const start = performance.now();
    if (call.kind !== 'http' && call.kind !== 'tcp') throw new Error(`this mesh does not speak ${call.kind}`);
    const host = call.kind === 'http' ? new URL(call.url).hostname : call.host;
    const pods = this.running.filter(({ state }) => state.ready && state.labels.app === host);
    const pod = pods[this.turn++ % Math.max(1, pods.length)];
    const answer = await (call.kind === 'http' ? overHttp(call, pod?.port ?? 1) : overTcp(call, pod?.port ?? 1));
    return { ...answer, durationMs: performance.now() - start };
  }

  private setReady(test: (pod: PodState) => boolean, ready: boolean): void {
    for (const [index, pod] of this.running.entries()) if (test(pod.state)) this.running[index] = { ...pod, state: { ...pod.state, ready } };
  }

  async apply(manifest: string): Promise<void> {
    this.journal.push(`apply ${/name: (\S+)/.exec(manifest)?.[1]}`);
  }

  async remove({ kind, namespace, name }: ObjectName): Promise<void> {
    this.journal.push(`remove ${kind}/${name}.${namespace}`);
  }

  async scale({ namespace, name }: { namespace: string; name: string }, replicas: number): Promise<void> {
    this.journal.push(`scale ${namespace}/${name} ${replicas}`);
  }

  async kill(target: string): Promise<void> {
    this.journal.push(`kill ${target}`);
    this.setReady((pod) => `${pod.namespace}/${pod.name}` === target, false);
  }

  async restart(target: string): Promise<void> {
    this.journal.push(`restart ${target}`);
    this.setReady((pod) => `${pod.namespace}/${pod.name}` === target, true);
  }

  async reset(): Promise<void> {
    this.journal.push('reset');
    this.setReady(() => true, true);
  }

  async settled(): Promise<void> {
    this.journal.push('settled');
  }

  async stats(): Promise<ReadonlyMap<string, number>> {
    return new Map(this.counters);
  }

  async log(): Promise<readonly string[]> {
    return [...this.lines];
  }

  problems(): readonly Problem[] {
    return this.problemList;
  }
}

type Got = Omit<Answer, 'durationMs'>;

function overHttp(call: HttpCall, port: number): Promise<Got> {
  return new Promise((resolve) => {
    const { method, headers, body } = call;
    const url = new URL(call.url);
    const outgoing = request({ host: '127.0.0.1', port, path: url.pathname + url.search, method, headers: { ...headers, host: url.host } });
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve({ headers: {}, body: '', error: error.code ?? error.message }));
    outgoing.on('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve({
        status: response.statusCode,
        headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
        body: Buffer.concat(chunks).toString(),
      }));
    });
    outgoing.end(body);
  });
}

function overTcp(call: TcpCall, port: number): Promise<Got> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(call.send.join('')));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve({ headers: {}, body: '', error: error.code }));
    socket.once('data', (data) => {
      socket.destroy();
      resolve({ headers: {}, body: data.toString() });
    });
  });
}
