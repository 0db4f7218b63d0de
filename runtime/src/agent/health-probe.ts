import { execFile } from 'node:child_process';
import { connect } from 'node:net';

import { askApplication, type AppProbe } from './app-probe';
import { STATUS_PORT } from './static-resources';
import { relay } from './status-server';

/** `readinessProbe` of the proxy's configuration: the `probe` of a WorkloadGroup. */
export interface HealthProbe extends AppProbe {
  readonly tcpSocket?: { readonly port: number; readonly host?: string };
  readonly exec?: { readonly command: readonly string[] };
  readonly initialDelaySeconds?: number;
  readonly periodSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
}

/** Connections from here are not captured, and so not asked for a certificate: `capture-rules.ts`. */
const INBOUND_SOURCE = '127.0.0.6';
const USER_AGENT = 'istio-probe/1.0';

/** Undefined where nothing is to be asked. */
export function readHealthProbe(config: Readonly<Record<string, unknown>>): HealthProbe | undefined {
  const probe = config.readinessProbe as HealthProbe | undefined;
  return typeof probe === 'object' && probe !== null && (probe.httpGet ?? probe.tcpSocket ?? probe.grpc ?? probe.exec) ? probe : undefined;
}

/** Why the workload cannot take requests, or undefined: first its proxy must be ready, then the probe succeed. */
export async function unhealthyBecause(probe: HealthProbe, address: string): Promise<string | undefined> {
  const proxy = await relay(STATUS_PORT, '/healthz/ready');
  return proxy.status === 200 ? askWorkload(probe, address) : 'its proxy is not ready';
}

/** Why the probe fails, or undefined: as pkg/istio-agent/health/health_probers.go does it. */
export async function askWorkload(probe: HealthProbe, address: string): Promise<string | undefined> {
  const timeoutSeconds = probe.timeoutSeconds || 1;
  if (probe.exec) return runCommand(probe.exec.command, timeoutSeconds);
  const host = probe.httpGet?.host ?? probe.tcpSocket?.host ?? address;
  const { status } = await askApplication({ ...probe, timeoutSeconds }, { connect: (port) => dial(host, port), headers: { 'user-agent': USER_AGENT, 'host': host } });
  if (status < 400) return undefined;
  return probe.httpGet ? `GET ${probe.httpGet.path ?? '/'} at port ${probe.httpGet.port} did not succeed (${status})` : `port ${probe.tcpSocket?.port ?? probe.grpc?.port} does not answer as it should`;
}

function dial(host: string, port: number): Promise<ReturnType<typeof connect>> {
  return new Promise((resolve, reject) => {
    const own = host === '127.0.0.1' || host === 'localhost' || host.includes(':');
    const socket = connect({ host, port, ...(own ? {} : { localAddress: INBOUND_SOURCE }) });
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });
}

function runCommand([file = '', ...args]: readonly string[], timeoutSeconds: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: timeoutSeconds * 1_000, killSignal: 'SIGKILL' }, (error) => {
      resolve(!error ? undefined : error.killed ? `${file} took longer than ${timeoutSeconds} s` : `${file} failed: ${typeof error.code === 'number' ? `exit code ${error.code}` : error.code ?? 'killed'}`);
    });
  });
}
