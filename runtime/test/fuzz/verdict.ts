import { inlineBootstrap } from '../../src/envoy';
import { Compiler } from '../../src/compile';
import { Acceptance } from '../../src/control/acceptance';
import type { Resource } from '../../src/model/resource';
import { Cluster } from '../../src/source';
import type { Case } from '../cases/case';

/** What became of the objects of one world. */
export interface Verdict {
  /** What the proxy would be given, as one static bootstrap. */
  readonly bootstrap: object;
  /** Problems that do not say which field they are about. */
  readonly pathless: readonly string[];
}

/** Problems that are about whole objects: what they are, where they stand, or that nobody needs them. */
const ABOUT_OBJECTS: ReadonlySet<string> = new Set(['MeshConfig']);

/** Everything that happens to objects between a file and a proxy. Throws nothing: whoever calls it takes any exception for a crash. */
export function judge(objects: readonly Resource[], { proxy }: Case): Verdict {
  const cluster = new Cluster();
  cluster.apply(objects.map((resource) => ({ resource: named(resource) })));
  const accepted = new Acceptance().accept(cluster.snapshot());
  const { configuration, problems } = new Compiler().compile(accepted.snapshot, proxy);
  const all = [...cluster.problems(), ...accepted.problems, ...problems];
  return {
    bootstrap: inlineBootstrap({ node: { id: 'test', cluster: 'test' } }, configuration),
    pathless: all.filter(({ path, resource }) => path === '' && !ABOUT_OBJECTS.has(resource.kind)).map(({ resource, message }) => `${resource.kind} ${resource.name}: ${message}`),
  };
}

/** What the API server and the file source add. */
function named(resource: Resource): Resource {
  const { namespace = 'default' } = resource.metadata;
  return { ...resource, metadata: { ...resource.metadata, namespace } };
}
