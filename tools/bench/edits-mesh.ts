// One-route edits at N services with a hundred connected proxies: what an edit costs the control plane, what is sent, and how soon it is
// there. Run by tools/bench/edits.mjs as `edits-mesh SERVICES scoped|ports|one-port`, bundled as the product is; prints JSON.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { Registry } from 'prom-client';
import { Compiler, parseNode } from '../../runtime/src/compile';
import { Acceptance } from '../../runtime/src/control/acceptance';
import { ControlPlane } from '../../runtime/src/control/control-plane';
import { ControlMetrics } from '../../runtime/src/control/metrics';
import { TYPE_URLS } from '../../runtime/src/model/configuration';
import type { Resource } from '../../runtime/src/model/resource';
import { Cluster } from '../../runtime/src/source';
import { XdsServer } from '../../runtime/src/xds';
import type { Arrival, ClientsStart } from './edit-clients';

type Shape = 'scoped' | 'ports' | 'one-port';

const PROXIES = 100;
const WARM_UP = 10;
const EDITS = 60;
const namespace = 'bench';
const services = Number(process.argv[2]);
const shape = process.argv[3] as Shape;

const portOf = (i: number): number => (shape === 'ports' ? 20_000 + i : 8080);
const nameOf = (i: number): string => `service-${i}`;

function objectsOf(i: number): Resource[] {
  const name = nameOf(i);
  return [
    { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { selector: { app: name }, ports: [{ name: 'http', port: portOf(i), targetPort: 8080 }] } },
    {
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace },
      spec: {
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, image: name, ports: [{ containerPort: 8080 }] }] } },
      },
    },
    route(i, 0),
    ...(shape === 'scoped' && i < PROXIES ? [scope(i)] : []),
  ];
}

const route = (i: number, edit: number): Resource => ({
  apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name: nameOf(i), namespace },
  spec: { hosts: [nameOf(i)], http: [{ timeout: `${10 + edit}s`, route: [{ destination: { host: nameOf(i) } }] }] },
});

/** Every one of the first services calls three: so each of them is called by three. */
const scope = (i: number): Resource => ({
  apiVersion: 'networking.istio.io/v1', kind: 'Sidecar', metadata: { name: nameOf(i), namespace },
  spec: {
    workloadSelector: { labels: { app: nameOf(i) } },
    egress: [{ hosts: [1, 2, 3].map((step) => `${namespace}/${nameOf((i + step) % PROXIES)}.${namespace}.svc.cluster.local`) }],
  },
});

const nodeOf = (i: number): ClientsStart['nodes'][number] => ({
  id: `sidecar~10.244.200.${i}~${nameOf(i)}-x.${namespace}~${namespace}.svc.cluster.local`,
  metadata: { NAMESPACE: namespace, LABELS: { app: nameOf(i) }, SERVICE_ACCOUNT: 'default' },
});

class Bench {
  private readonly folder = mkdtempSync(join(tmpdir(), 'bench-'));
  private readonly cluster = new Cluster();
  private readonly acceptance = new Acceptance();
  private readonly server = new XdsServer({
    registry: new Registry(),
    onConnect: (proxy) => this.plane.connected(proxy),
    onDisconnect: (proxy) => this.plane.disconnected(proxy),
    onAck: (proxy, { typeUrl }) => this.plane.acknowledged(proxy, typeUrl),
    onNack: (_, nack) => {
      throw new Error(JSON.stringify(nack));
    },
  });
  private readonly plane = new ControlPlane({
    accept: (raw) => this.acceptance.accept(raw), compiler: new Compiler(), parseNode, server: this.server, metrics: new ControlMetrics(),
    onDefect: (error) => {
      throw error;
    },
  });
  private arrivals: Arrival[] = [];
  private readonly clients = fork(join(__dirname, `edit-clients${extname(__filename)}`));

  public async start(): Promise<void> {
    this.cluster.apply(Array.from({ length: services }, (_, i) => objectsOf(i)).flat().map((resource) => ({ resource })));
    this.plane.update(this.cluster.snapshot());
    const address = `unix:${join(this.folder, 'xds.sock')}`;
    await this.server.listen(address);
    this.clients.on('message', (some: Arrival[]) => this.arrivals.push(...some));
    this.clients.send({ address, nodes: Array.from({ length: PROXIES }, (_, i) => nodeOf(i)) } satisfies ClientsStart);
    await this.quiet(3_000);
  }

  /** What mere waiting costs, in milliseconds of CPU for each millisecond: connections are kept alive, and this bench looks at its clock. */
  public async idle(): Promise<number> {
    const rates: number[] = [];
    for (let i = 0; i < 40; i++) {
      const [cpu, start] = [process.cpuUsage(), performance.now()];
      await this.until(() => true);
      rates.push(milliseconds(process.cpuUsage(cpu)) / (performance.now() - start));
    }
    return at(rates, 0.5);
  }

  /** One edit, from the moment it is made until nothing comes any more. */
  public async edit(i: number, edit: number): Promise<{ cpu: number; elapsed: number; effect: number[]; bytes: number }> {
    this.arrivals = [];
    const cpu = process.cpuUsage();
    const made = performance.timeOrigin + performance.now();
    this.cluster.apply([{ resource: route(i, edit) }]);
    this.plane.update(this.cluster.snapshot());
    const affected = shape === 'scoped' ? 3 : PROXIES;
    const routes = (): Arrival[] => this.arrivals.filter(({ typeUrl }) => typeUrl === TYPE_URLS.route);
    await this.until(() => routes().length >= affected);
    const spent = milliseconds(process.cpuUsage(cpu));
    const elapsed = performance.timeOrigin + performance.now() - made;
    return { cpu: spent, elapsed, effect: routes().map(({ at }) => at - made), bytes: this.arrivals.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  public async stop(): Promise<void> {
    this.clients.kill();
    await this.server.close();
    rmSync(this.folder, { recursive: true });
  }

  private async until(done: () => boolean): Promise<void> {
    for (const limit = Date.now() + 60_000; !done();) {
      if (Date.now() > limit) {
        throw new Error('an edit did not come to all that it is about within a minute');
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    // Answers of the proxies are work too.
    await new Promise((resolve) => setTimeout(resolve, 30));
  }

  /** Until nothing comes for a while. */
  private async quiet(ms: number): Promise<void> {
    for (let seen = -1; seen !== this.arrivals.length;) {
      seen = this.arrivals.length;
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  }
}

const milliseconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;

const at = (values: readonly number[], q: number): number => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))] ?? 0;

async function main(): Promise<void> {
  const bench = new Bench();
  await bench.start();
  const results = [];
  for (let i = 0; i < WARM_UP + EDITS; i++) {
    const result = await bench.edit((i * 7) % PROXIES, i + 1);
    if (i >= WARM_UP) {
      results.push(result);
    }
  }
  const idle = await bench.idle();
  await bench.stop();
  const effects = results.flatMap(({ effect }) => effect);
  const cpus = results.map(({ cpu, elapsed }) => cpu - idle * elapsed);
  console.log(JSON.stringify({
    affected: at(results.map(({ effect }) => effect.length), 0.5), cpu: at(cpus, 0.5), cpu99: at(cpus, 0.99),
    kilobytes: at(results.map(({ bytes }) => bytes), 0.5) / 1024, p50: at(effects, 0.5), p99: at(effects, 0.99),
  }));
}

void main();
