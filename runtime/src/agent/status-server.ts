import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { Counter, Gauge, Registry } from 'prom-client';

import { askApplication, readAppProbes, type AppProbe } from './app-probe';
import type { CertificateFigures } from './certificate-agent';
import { METRICS_PORT, STATUS_PORT } from './static-resources';

export interface StatusServerOptions {
  /** `ISTIO_KUBE_APP_PROBERS`. */
  readonly probes: string | undefined;
  /** The pod's own. */
  readonly address: string;
  readonly figures: () => CertificateFigures | undefined;
}

export const AGENT_PORT = 15020;
/** Connections from here to the pod itself are not captured: `capture-rules.ts`. */
const INBOUND_SOURCE = '127.0.0.6';

/**
 * What the agent answers at port 15020: probes of the application in the kubelet's place, its own readiness, and metrics, Envoy's and its own.
 * As in Istio (pilot/cmd/pilot-agent/status/server.go).
 */
export function serveStatus(options: StatusServerOptions): Server {
  const probes = readAppProbes(options.probes);
  return createServer((asked, answer) => {
    const { pathname } = new URL(asked.url ?? '/', 'http://agent');
    if (pathname === '/healthz/ready') return void relay(STATUS_PORT, '/healthz/ready').then(({ status, body }) => answer.writeHead(status).end(body));
    if (pathname === '/metrics' || pathname === '/stats/prometheus') return void metrics(options.figures()).then((text) => answer.setHeader('content-type', 'text/plain').end(text));
    if (pathname.startsWith('/app-')) return void probe(probes.get(pathname), options.address, { asked, answer });
    return answer.writeHead(404).end();
  });
}

async function probe(found: AppProbe | undefined, address: string, { asked, answer }: { readonly asked: IncomingMessage; readonly answer: ServerResponse }): Promise<void> {
  if (!found) return void answer.writeHead(400).end(`app prober config does not exists for ${asked.url}`);
  const dial = (port: number) => new Promise<ReturnType<typeof connect>>((resolve, reject) => {
    const socket = connect({ host: address, port, ...(address === '127.0.0.1' ? {} : { localAddress: INBOUND_SOURCE }) });
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });
  const { status, body } = await askApplication(found, { connect: dial, headers: asked.headers });
  answer.writeHead(status).end(body);
}

async function metrics(figures: CertificateFigures | undefined): Promise<string> {
  const envoy = await relay(METRICS_PORT, '/stats/prometheus');
  return `${figures ? await agentMetrics(figures) : ''}${envoy.status === 200 ? envoy.body : ''}`;
}

/** By the names of Istio's agent (security/pkg/nodeagent/cache/monitoring.go). */
async function agentMetrics({ requests, failedRequests, secondsLeft }: CertificateFigures): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const expiry = new Gauge({ name: 'istio_agent_cert_expiry_seconds', help: 'Seconds until the certificate ends; negative: it has ended', labelNames: ['resource_name'], registers });
  for (const [name, seconds] of Object.entries(secondsLeft)) expiry.set({ resource_name: name }, seconds);
  const labelNames = ['request_type'];
  new Counter({ name: 'istio_agent_num_outgoing_requests', help: 'Requests to the authority', labelNames, registers }).inc({ request_type: 'csr' }, requests);
  new Counter({ name: 'istio_agent_num_failed_outgoing_requests', help: 'Requests to the authority that failed', labelNames, registers }).inc({ request_type: 'csr' }, failedRequests);
  return registry.metrics();
}

export function relay(port: number, path: string): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve) => {
    const call = request({ host: '127.0.0.1', port, path, agent: false, timeout: 3_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 503, body }));
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve({ status: 503, body: '' }));
    call.end();
  });
}
