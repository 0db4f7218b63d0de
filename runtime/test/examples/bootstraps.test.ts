import { exampleNames, synthesize } from '../../../test/examples/manifests';
import { Compiler, parseNode } from '../../src/compile';
import { Acceptance } from '../../src/control/acceptance';
import { inlineBootstrap } from '../../src/envoy';
import type { Proxy } from '../../src/model/proxy';
import type { Resource } from '../../src/model/resource';
import { resourcesOf } from '../../src/model/snapshot';
import { Cluster, parseText } from '../../src/source';
import { EnvoyBatch } from '../fuzz/batch';
import type { Entry } from '../fuzz/batch';

jest.setTimeout(300_000);

const PROXY = 'istio-proxy';

interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
}

interface Container {
  readonly name: string;
  readonly args?: readonly string[];
}

/** The proxy that stands in a pod, if one does. */
function proxyOf({ metadata: { name, namespace, labels = {} }, spec }: Resource, i: number): Proxy[] {
  const { containers = [], initContainers = [] } = spec as PodSpec;
  const container = [...containers, ...initContainers].find((one) => one.name === PROXY);
  const type = container?.args?.includes('router') ? 'router' : 'sidecar';
  const proxy = parseNode({
    id: `${type}~10.244.${i >> 8}.${i & 255}~${name}.${namespace}~${namespace}.svc.cluster.local`, metadata: { NAMESPACE: namespace, LABELS: labels },
  });
  return container && typeof proxy !== 'string' ? [proxy] : [];
}

/** What every proxy of an example is given, as one file for each. */
function bootstrapsOf(name: string): Entry<string>[] {
  const { objects } = parseText(synthesize(name, (main) => jest.isolateModules(() => void require(main))), { file: name, folder: '.' });
  const cluster = new Cluster();
  cluster.apply(objects);
  const { snapshot } = new Acceptance().accept(cluster.snapshot());
  const compiler = new Compiler();
  return [...resourcesOf(snapshot, '/Pod').values()].flatMap(proxyOf).map((proxy) => ({
    of: `${name}: ${proxy.name}`,
    bootstrap: inlineBootstrap({ node: { id: 'test', cluster: 'test' } }, compiler.compile(snapshot, proxy).configuration),
  }));
}

test('what every proxy of every example is given, Envoy takes', async () => {
  const entries = exampleNames().map(bootstrapsOf);
  // Every example has proxies.
  expect(exampleNames().filter((_name, i) => entries[i].length === 0)).toEqual([]);
  const batch = new EnvoyBatch();
  expect(await batch.refused(entries.flat())).toEqual([]);
  batch.close();
});
