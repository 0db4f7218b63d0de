// A mesh of N services with two versions and a canary each: what the controllers and the compiler need for the first proxy, and for one edit.
// Run by tools/bench/compile.mjs; prints milliseconds as JSON.
import { performance } from 'node:perf_hooks';
import { Compiler, parseNode } from '../../runtime/src/compile';
import type { Resource } from '../../runtime/src/model/resource';
import { Cluster } from '../../runtime/src/source';

const services = Number(process.argv[2]);
const namespace = 'bench';

const service = (name: string): Resource => ({
  apiVersion: 'v1', kind: 'Service', metadata: { name, namespace },
  spec: { selector: { app: name }, ports: [{ name: 'http', port: 8080, targetPort: 8080 }] },
});
const deployment = (app: string, version: string): Resource => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: `${app}-${version}`, namespace },
  spec: {
    selector: { matchLabels: { app, version } },
    template: { metadata: { labels: { app, version } }, spec: { containers: [{ name: app, image: app, ports: [{ containerPort: 8080 }] }] } },
  },
});
const subsets = (name: string): Resource => ({
  apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata: { name, namespace },
  spec: { host: name, subsets: ['v1', 'v2'].map((version) => ({ name: version, labels: { version } })) },
});
const canary = (name: string, weight: number): Resource => ({
  apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name, namespace },
  spec: {
    hosts: [name],
    http: [{ route: [{ destination: { host: name, subset: 'v1' }, weight: 100 - weight }, { destination: { host: name, subset: 'v2' }, weight }] }],
  },
});

function timed<T>(action: () => T): { ms: number; result: T } {
  const start = performance.now();
  const result = action();
  return { ms: performance.now() - start, result };
}

const names = Array.from({ length: services }, (_, i) => `service-${i}`);
const objects = names.flatMap((name) => [service(name), deployment(name, 'v1'), deployment(name, 'v2'), subsets(name), canary(name, 10)]);
const cluster = new Cluster();
const compiler = new Compiler();
const proxy = parseNode({
  id: `sidecar~10.244.0.7~service-0-v1-x.${namespace}~${namespace}.svc.cluster.local`,
  metadata: { NAMESPACE: namespace, LABELS: { app: 'service-0', version: 'v1' }, SERVICE_ACCOUNT: 'default' },
});
if (typeof proxy === 'string') throw new Error(proxy);

const world = timed(() => {
  cluster.apply(objects.map((resource) => ({ resource })));
  return cluster.snapshot();
});
const first = timed(() => compiler.compile(world.result, proxy).configuration);
const bytes = [...first.result.values()].reduce((sum, byName) => sum + [...byName.values()].reduce((n, resource) => n + resource.bytes.length, 0), 0);
const edits = Array.from({ length: 50 }, (_, i) => timed(() => {
  cluster.apply([{ resource: canary(names[i % services]!, 20 + i) }]);
  return compiler.compile(cluster.snapshot(), proxy);
}).ms).sort((a, b) => a - b);
console.log(JSON.stringify({ world: world.ms, first: first.ms, edit: edits[25], kilobytes: bytes / 1024 }));
