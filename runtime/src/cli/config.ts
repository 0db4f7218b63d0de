import { LOCAL_SWITCHES } from '../engine/control-process';
import { Compiler, parseNode, readSwitches } from '../compile';
import { Acceptance } from '../control/acceptance';
import { configurationJson, staticBootstrap } from '../control/static-bootstrap';
import { nodeOfPod } from '../engine/pod/assemble';
import { planPod } from '../engine/pod/plan';
import { findPods } from '../engine/pod-name';
import type { Pod } from '../kubernetes';
import type { Problem } from '../model/problem';
import { resourcesOf, type Snapshot } from '../model/snapshot';
import { Cluster, readFiles } from '../source';
import { configurationTable } from './config-table';
import { Failure } from './failure';
import { formatIgnored, formatProblem } from './problem-text';

interface ConfigOptions {
  readonly proxy?: string;
  readonly node?: string;
  readonly inject: boolean;
  readonly output: 'table' | 'json' | 'bootstrap';
}

interface Node {
  readonly id: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Prints what a proxy would be given, without a mesh. */
export async function config(files: readonly string[], options: ConfigOptions): Promise<number> {
  if ((options.proxy === undefined) === (options.node === undefined)) {
    throw new Failure('for which proxy? give either --proxy NAME.NAMESPACE or --node JSON');
  }
  const { objects, problems } = await readFiles(files);
  const cluster = new Cluster({ installedGateways: true, ...(options.inject ? {} : { injection: { policy: { enabled: false, namespacesByDefault: false } } }) });
  cluster.replace(objects);
  const raw = cluster.snapshot();
  tell([...problems, ...cluster.problems()]);
  if (cluster.ignored().length > 0) {
    process.stderr.write(`${formatIgnored(cluster.ignored())}\n`);
  }
  const node = options.node === undefined ? nodeByName(options.proxy ?? '', raw) : readNodeJson(options.node);
  const proxy = parseNode(node);
  if (typeof proxy === 'string') {
    throw new Failure(proxy);
  }
  const accepted = new Acceptance().accept(raw);
  const compiled = new Compiler(readSwitches({ ...LOCAL_SWITCHES, ...process.env })).compile(accepted.snapshot, proxy);
  tell([...accepted.problems, ...compiled.problems]);
  const text = options.output === 'table' ? configurationTable(compiled.configuration)
    : JSON.stringify(options.output === 'json' ? configurationJson(compiled.configuration) : staticBootstrap(compiled.configuration, node), undefined, 2);
  process.stdout.write(`${text}\n`);
  return 0;
}

function tell(problems: readonly Problem[]): void {
  for (const problem of problems) {
    process.stderr.write(`${formatProblem(problem)}\n`);
  }
}

function nodeByName(name: string, snapshot: Snapshot): Node {
  const pods = [...resourcesOf(snapshot, '/Pod').values()] as Pod[];
  const plans = pods.map((pod) => planPod(pod, snapshot, [])).filter(({ proxy }) => proxy !== undefined);
  const states = plans.map(({ pod }) => ({
    namespace: pod.metadata.namespace, name: pod.metadata.name, labels: pod.metadata.labels ?? {}, ready: true, containers: [],
  }));
  const plan = plans.find(({ pod }) => `${pod.metadata.namespace}/${pod.metadata.name}` === podNamed(states, name, snapshot));
  if (!plan?.proxy) {
    throw new Failure(`there is no proxy ${name} in these files`);
  }
  return nodeOfPod(plan, plan.proxy);
}

function podNamed(states: Parameters<typeof findPods>[0], name: string, snapshot: Snapshot): string | undefined {
  try {
    return findPods(states, name, snapshot)[0];
  } catch (error) {
    throw new Failure(`${(error as Error).message}: --proxy takes NAME.NAMESPACE of a service or pod with a proxy`);
  }
}

function readNodeJson(text: string): Node {
  try {
    const { id, metadata = {} } = JSON.parse(text) as Partial<Node>;
    if (typeof id === 'string' && typeof metadata === 'object' && metadata !== null) {
      return { id, metadata };
    }
  } catch (error) {
    throw new Failure(`--node is not JSON: ${(error as Error).message}`);
  }
  throw new Failure('--node must be an Envoy node with an id: {"id": "sidecar~10.244.0.7~reviews.bookinfo~bookinfo.svc.cluster.local", "metadata": {}}');
}
