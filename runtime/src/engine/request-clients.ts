import { spawn } from 'node:child_process';

import type { Answer, Call, Load, Origin } from './check/engine-port';
import type { Target } from './client/target';
import type { GatewayPort, GatewayService } from './gateways';
import type { RunningPod } from './pod/running-pod';
import { RequestClient } from './request-client';

interface OutsideCall {
  readonly origin: Origin;
  readonly call: Call;
  readonly load: Load;
}

/** The clients of all places that calls come from. */
export class RequestClients {
  private readonly pods = new WeakMap<RunningPod, RequestClient>();
  private readonly outside: RequestClient;

  /** `mesh` is the command line of `mesh`. */
  public constructor(private readonly mesh: readonly string[]) {
    const [file = '', ...args] = [...mesh, 'client'];
    this.outside = new RequestClient(() => spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] }));
  }

  public fromPod(pod: RunningPod, call: Call, load: Load): Promise<Answer[]> {
    const client = this.pods.get(pod) ?? new RequestClient(() => pod.sandbox.spawn([...this.mesh, 'client'], { stdio: ['pipe', 'pipe', 'inherit'] }));
    this.pods.set(pod, client);
    return client.send(call, load);
  }

  /** Calls a gateway's pods as a load balancer in front of it would. */
  public fromOutside(services: readonly GatewayService[], { origin, call, load }: OutsideCall): Promise<Answer[]> {
    const port = portOf(call);
    const wanted = 'gateway' in origin ? origin.gateway : undefined;
    const { endpoints } = findPort(services, port, wanted);
    if (endpoints.length === 0) {
      throw new Error(`no pod of the gateway with port ${port} is ready`);
    }
    return this.outside.send(call, load, endpoints as readonly Target[]);
  }

  public close(): void {
    this.outside.close();
  }
}

function portOf(call: Call): number {
  if (call.kind === 'tcp') {
    return call.port;
  }
  const { port, protocol } = new URL(call.url);
  return port ? Number(port) : protocol === 'https:' || protocol === 'wss:' ? 443 : 80;
}

function findPort(services: readonly GatewayService[], port: number, wanted: string | undefined): GatewayPort {
  const possible = services.filter(({ key, open }) => (wanted === undefined ? open : key === wanted));
  const found = possible.flatMap((service) => service.ports.filter((candidate) => candidate.port === port));
  if (found.length !== 1) {
    const known = services.map(describeGateway).join(', ') || 'none';
    const why = found.length === 0 ? 'no gateway has' : 'several gateways have';
    throw new Error(`${why} port ${port}${wanted === undefined ? '' : ` and the name ${wanted}`}; there are ${known}`);
  }
  return found[0] as GatewayPort;
}

/** One whose Service is a ClusterIP is reached only by a call that names it. */
function describeGateway({ key, ports, open }: GatewayService): string {
  return `${key} (${ports.map(({ port }) => port).join(', ')}${open ? '' : '; its Service is a ClusterIP: name it with `gateway`'})`;
}
