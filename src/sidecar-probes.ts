/**
 * Probes of pods with a sidecar. The kubelet has no certificate: where mutual TLS is demanded, or a probe would reach the proxy instead of
 * the application, the agent asks the application in its place. A part of `sidecar.ts`: plain JSON in, plain JSON out, nothing is imported.
 *
 * As Istio's injector (pkg/kube/inject/app_probe.go): HTTP, TCP and gRPC probes, and HTTP and TCP lifecycle handlers, become HTTP requests to
 * the agent at port 15020, and `ISTIO_KUBE_APP_PROBERS` tells the agent what they were. `exec` runs in the container and stays.
 */

/** Port of the agent. */
const AGENT_PORT = 15020;
/** Environment of the agent: JSON, the probes as they were by the path that asks for them. */
export const APP_PROBERS = 'ISTIO_KUBE_APP_PROBERS';

const REWRITE = 'sidecar.istio.io/rewriteAppHTTPProbers';
const STATUS_PORT = 'status.sidecar.istio.io/port';

interface Container {
  readonly name: string;
  readonly ports?: readonly unknown[];
  readonly [field: string]: unknown;
}

/** Something that the kubelet does to see whether a container is well, as in the Kubernetes API. */
interface Action {
  readonly httpGet?: { readonly port: number | string; readonly scheme?: string; readonly [field: string]: unknown };
  readonly tcpSocket?: { readonly port: number | string; readonly [field: string]: unknown };
  readonly grpc?: { readonly port: number; readonly [field: string]: unknown };
  readonly timeoutSeconds?: number;
}

type Probers = Readonly<Record<string, Action>>;

/** A container whose probes go to the agent, and what they were. */
export interface RewrittenContainer<T> {
  readonly container: T;
  readonly probers: Probers;
}

/** The port that probes of this pod go to; undefined where they stay as they are (`sidecar.istio.io/rewriteAppHTTPProbers: "false"`). */
export function probePort(annotations: Readonly<Record<string, string>> = {}): number | undefined {
  if (['0', 'f', 'false'].includes(annotations[REWRITE]?.toLowerCase() ?? '')) return undefined;
  const port = Number(annotations[STATUS_PORT]);
  return Number.isInteger(port) && port > 0 && port < 65536 ? port : AGENT_PORT;
}

/** Sends the probes of a container to the agent. What is sent there already stays, and so does what names a port that nobody knows. */
export function rewriteProbes<T extends Container>(container: T, port: number): RewrittenContainer<T> {
  const probers: Record<string, Action> = {};
  const rewrite = (action: unknown, path: string): Record<string, unknown> | undefined => {
    const original = resolvedAction(action as Action | undefined, container, port);
    if (!original) return undefined;
    probers[path] = original;
    const { tcpSocket: _tcp, grpc: _grpc, ...rest } = action as Action;
    return { ...rest, httpGet: { ...rest.httpGet, ...(original.httpGet?.scheme?.toUpperCase() === 'HTTPS' ? { scheme: 'HTTP' } : {}), path, port } };
  };
  const changed: Record<string, unknown> = {};
  for (const [field, word] of [['readinessProbe', 'readyz'], ['livenessProbe', 'livez'], ['startupProbe', 'startupz']] as const) {
    const rewritten = rewrite(container[field], `/app-health/${container.name}/${word}`);
    if (rewritten) changed[field] = rewritten;
  }
  const lifecycle = (container.lifecycle ?? {}) as Readonly<Record<string, unknown>>;
  for (const [field, word] of [['preStop', 'prestopz'], ['postStart', 'poststartz']] as const) {
    const rewritten = rewrite(withoutGrpc(lifecycle[field]), `/app-lifecycle/${container.name}/${word}`);
    if (rewritten) changed.lifecycle = { ...changed.lifecycle ?? lifecycle, [field]: rewritten };
  }
  return { container: { ...container, ...changed }, probers };
}

/** The value of `ISTIO_KUBE_APP_PROBERS`, in the order of the paths; undefined when there is nothing to tell. */
export function emitProbers(all: readonly Probers[]): string | undefined {
  const entries = all.flatMap((probers) => Object.entries(probers)).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length > 0 ? JSON.stringify(Object.fromEntries(entries)) : undefined;
}

/** What asks a port, with the port's number. */
function resolvedAction(action: Action | undefined, container: Container, port: number): Action | undefined {
  const kind = (['httpGet', 'tcpSocket', 'grpc'] as const).find((name) => action?.[name]);
  if (!action || !kind) return undefined;
  const number = portNumber(action[kind]?.port, container);
  if (number === undefined || number === port) return undefined;
  return { [kind]: { ...action[kind], port: number }, ...(action.timeoutSeconds === undefined ? {} : { timeoutSeconds: action.timeoutSeconds }) };
}

function portNumber(port: number | string | undefined, { ports = [] }: Container): number | undefined {
  if (typeof port === 'number') return port;
  const named = (ports as readonly { readonly name?: string; readonly containerPort?: number }[]).find(({ name }) => name !== undefined && name === port);
  return named?.containerPort;
}

/** Lifecycle handlers know no gRPC. */
function withoutGrpc(handler: unknown): unknown {
  return (handler as Action | undefined)?.grpc ? undefined : handler;
}
