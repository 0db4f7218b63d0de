import { readFileSync, readlinkSync } from 'node:fs';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';

import { askApplication, type AppProbe, type ProbeOptions } from '../../agent/app-probe';
import type { Container } from '../../kubernetes';

const USER_AGENT = 'kube-probe/1.36';

/** How a container says that it can be called, as in the Kubernetes API. */
interface Probe {
  readonly httpGet?: HttpGet;
  readonly tcpSocket?: { readonly port: number | string };
  readonly grpc?: { readonly port: number; readonly service?: string };
  readonly exec?: { readonly command?: readonly string[] };
  readonly periodSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly failureThreshold?: number;
}

interface HttpGet {
  readonly path?: string;
  readonly port: number | string;
  readonly scheme?: string;
  readonly host?: string;
  readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[];
}

export interface ProbeTarget {
  readonly address: string;
  /** The process of the container, while it runs. */
  readonly pid: () => number | undefined;
  /** Runs a command in the pod and gives its exit code. */
  readonly run: (argv: readonly string[]) => Promise<number>;
  /** Where the pod has a proxy: what probes were before they were sent to its agent, by path, and how the agent gets to the application. */
  readonly agent?: { readonly probes: ReadonlyMap<string, AppProbe>; readonly connect: ProbeOptions['connect'] };
}

export interface Readiness {
  readonly check: () => Promise<boolean>;
  /** How often to look again once the container is ready; undefined: a listening port stays open while its process lives. */
  readonly periodMs?: number;
  readonly failureThreshold: number;
}

/** The readiness probe of a container, or, where it has none, that all ports that it declares are listened on. */
export function readinessOf(container: Container, target: ProbeTarget): Readiness {
  const probe = container.readinessProbe as Probe | undefined;
  const periodMs = (probe?.periodSeconds ?? 10) * 1000;
  const failureThreshold = probe?.failureThreshold ?? 3;
  const { agent } = target;
  const rewritten = agent?.probes.get(probe?.httpGet?.path ?? '');
  if (agent && rewritten && !rewritten.tcpSocket) {
    const headers = { 'user-agent': USER_AGENT, 'host': `${target.address}:${rewritten.httpGet?.port}` };
    return { check: async () => (await askApplication(rewritten, { connect: agent.connect, headers })).status < 400, periodMs, failureThreshold };
  }
  if (probe?.httpGet && !rewritten) {
    const { httpGet, timeoutSeconds } = probe;
    const where = { port: portOf(container, httpGet.port), address: target.address, timeoutMs: (timeoutSeconds ?? 1) * 1000 };
    return { check: () => answers(httpGet, where), periodMs, failureThreshold };
  }
  if (probe?.grpc && !rewritten) {
    const { grpc, timeoutSeconds = 1 } = probe;
    // The kubelet asks from outside of the pod, without a certificate.
    return { check: async () => (await askApplication({ grpc, timeoutSeconds }, { connect: (port) => dial(target.address, port) })).status < 400, periodMs, failureThreshold };
  }
  if (probe?.exec?.command) {
    const { command } = probe.exec;
    return { check: async () => await target.run(command) === 0, periodMs, failureThreshold };
  }
  const port = (rewritten ?? probe)?.tcpSocket?.port;
  const ports = port === undefined ? declaredPorts(container) : [portOf(container, port)];
  return { check: async () => isListening(target.pid(), ports), failureThreshold, ...(port === undefined ? {} : { periodMs }) };
}

function dial(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });
}

function declaredPorts(container: Container): number[] {
  return (container.ports ?? []).filter(({ protocol }) => (protocol ?? 'TCP') === 'TCP').map(({ containerPort }) => containerPort);
}

function portOf(container: Container, port: number | string): number {
  return typeof port === 'number' ? port : container.ports?.find(({ name }) => name === port)?.containerPort ?? Number(port);
}

/** A kubelet's HTTP probe: any status from 200 to 399 is good. */
function answers(get: HttpGet, { port, address, timeoutMs }: { port: number; address: string; timeoutMs: number }): Promise<boolean> {
  const options: RequestOptions & { rejectUnauthorized: boolean } = {
    host: get.host ?? address, port, path: get.path ?? '/', agent: false, timeout: timeoutMs, rejectUnauthorized: false,
    headers: { 'user-agent': USER_AGENT, ...Object.fromEntries((get.httpHeaders ?? []).map(({ name, value }) => [name, value])) },
  };
  return new Promise((resolve) => {
    const call = (get.scheme?.toUpperCase() === 'HTTPS' ? httpsRequest : httpRequest)(options, (response) => {
      response.resume();
      resolve((response.statusCode ?? 500) < 400);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
    call.on('close', () => resolve(false));
    call.end();
  });
}

/**
 * Whether somebody listens on all ports in the process's network. The kernel's own table says so without a connection, which would
 * reach the proxy instead of the application where traffic is captured.
 */
function isListening(pid: number | undefined, ports: readonly number[]): boolean {
  if (pid === undefined) {
    return false;
  }
  try {
    // Before it has entered the pod's namespace, the process shows our own network.
    if (readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net')) {
      return false;
    }
    const open = new Set([...listeningPorts(`/proc/${pid}/net/tcp`), ...listeningPorts(`/proc/${pid}/net/tcp6`)]);
    return ports.every((port) => open.has(port));
  } catch {
    return false;
  }
}

const LISTEN = '0A';

function listeningPorts(table: string): number[] {
  return readFileSync(table, 'utf8').split('\n').slice(1).map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => state === LISTEN)
    .map(([, local]) => parseInt((local ?? '').slice((local ?? '').lastIndexOf(':') + 1), 16));
}
