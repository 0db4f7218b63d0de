import { RUNTIME_IMAGE } from '../../../../src/sidecar';
import type { Container, Pod, Service, ServicePort } from '../../kubernetes';
import type { Problem } from '../../model/problem';
import { resourcesOf, type Snapshot } from '../../model/snapshot';
import { selects } from '../selector';
import { localCommand } from './command';
import { containerEnvironment, expand } from './environment';

export const PROXY_CONTAINER = 'istio-proxy';
const CAPTURE_CONTAINER = 'istio-init';
const DEFAULT_GRACE_SECONDS = 30;

const OWN_IMAGE = RUNTIME_IMAGE.split(':', 1)[0] as string;

export interface ContainerPlan {
  readonly container: Container;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface ProxyPlan {
  readonly type: 'sidecar' | 'router';
  /** The container's environment, which tells the node's metadata. */
  readonly env: Readonly<Record<string, string>>;
  /** The container's arguments, `$(NAME)` replaced. */
  readonly args: readonly string[];
  /** istio-iptables' words; undefined where nothing is captured. */
  readonly capture?: readonly string[];
}

/** What runs in a pod, on this machine. */
export interface PodPlan {
  readonly pod: Pod;
  readonly proxy?: ProxyPlan;
  /** Run to their end, one after the other, before the containers start. Only those with a command of their own. */
  readonly init: readonly ContainerPlan[];
  readonly containers: readonly ContainerPlan[];
  readonly graceMs: number;
  /** Whether the end of a container is the end of its work. */
  readonly mayComplete: boolean;
  readonly problems: readonly Problem[];
}

/** `mesh` is the command line by which the built-in echo server is started. */
export function planPod(pod: Pod, snapshot: Snapshot, mesh: readonly string[]): PodPlan {
  const problems: Problem[] = [];
  const plan = (container: Container, fallback: readonly string[]): ContainerPlan => {
    const { argv, problem } = localCommand(pod, container);
    if (problem) {
      problems.push(problem);
    }
    const env = containerEnvironment(container, pod, snapshot);
    return { container, env, argv: (argv ?? fallback).map((word) => expand(word, env)) };
  };
  const init = pod.spec.initContainers ?? [];
  const isSidecar = (container: Container) => container.restartPolicy === 'Always';
  const own = [...init.filter(isSidecar), ...pod.spec.containers].filter(({ name }) => name !== PROXY_CONTAINER);
  const proxy = planProxy(pod, snapshot);
  const declared = new Set(own.flatMap((container) => container.ports ?? []).map(({ containerPort }) => containerPort));
  return {
    pod,
    ...(proxy ? { proxy } : {}),
    init: init.filter((container) => !isSidecar(container) && localCommand(pod, container).argv).map((container) => plan(container, [])),
    containers: own.map((container, index) => plan(container, ownProgram(container, mesh) ?? echoCommand(pod, { container, first: index === 0, declared, snapshot, mesh }))),
    graceMs: (numberOf(pod.spec.terminationGracePeriodSeconds) ?? DEFAULT_GRACE_SECONDS) * 1000,
    mayComplete: pod.spec.restartPolicy === 'OnFailure' || pod.spec.restartPolicy === 'Never',
    problems,
  };
}

function planProxy(pod: Pod, snapshot: Snapshot): ProxyPlan | undefined {
  const init = pod.spec.initContainers ?? [];
  const container = [...init, ...pod.spec.containers].find(({ name }) => name === PROXY_CONTAINER);
  if (!container) {
    return undefined;
  }
  const env = containerEnvironment(container, pod, snapshot);
  const args = (container.args ?? []).map((word) => expand(word, env));
  const capture = init.find(({ name }) => name === CAPTURE_CONTAINER)?.args?.slice(1);
  // Istio writes `proxy sidecar`, we write `agent sidecar`.
  const type = args.includes('router') ? 'router' : 'sidecar';
  return { type, env, args, ...(capture ? { capture } : {}) };
}

/** A container of our own image with a word for it, such as `list-checker`, runs the same program here. */
function ownProgram({ image = '', args }: Container, mesh: readonly string[]): readonly string[] | undefined {
  return args?.length && image.includes(OWN_IMAGE) ? [...mesh, ...args] : undefined;
}

interface EchoContext {
  readonly container: Container;
  readonly first: boolean;
  /** Ports of all containers of the pod. */
  readonly declared: ReadonlySet<number>;
  readonly snapshot: Snapshot;
  readonly mesh: readonly string[];
}

/** The echo server on the container's ports; the first container also serves what only the Services name. */
function echoCommand(pod: Pod, { container, first, declared, snapshot, mesh }: EchoContext): readonly string[] {
  const { labels = {}, namespace } = pod.metadata;
  const targets = servicePorts(pod, snapshot);
  const own = (container.ports ?? []).filter(({ protocol }) => (protocol ?? 'TCP') === 'TCP').map(({ containerPort }) => containerPort);
  const ports = new Set([...own, ...(first ? [...targets.keys()].filter((port) => !declared.has(port)) : [])]);
  const version = labels.version ?? labels['app.kubernetes.io/version'];
  return [
    ...mesh, 'echo',
    '--service', labels.app ?? labels['app.kubernetes.io/name'] ?? container.name,
    ...(version ? ['--version', version] : []),
    '--namespace', namespace,
    ...[...ports].flatMap((port) => [targets.get(port) === 'tcp' ? '--tcp' : '--http', String(port)]),
  ];
}

/** The pod's ports that Services lead to, and what is spoken there. */
function servicePorts(pod: Pod, snapshot: Snapshot): Map<number, 'http' | 'tcp'> {
  const ports = new Map<number, 'http' | 'tcp'>();
  for (const service of resourcesOf(snapshot, '/Service').values() as Iterable<Service>) {
    if (!selects(service, pod)) {
      continue;
    }
    for (const port of service.spec?.ports ?? []) {
      const number = targetOf(port, pod);
      if (number !== undefined && (port.protocol ?? 'TCP') === 'TCP') {
        ports.set(number, speaksLines(port) ? 'tcp' : 'http');
      }
    }
  }
  return ports;
}

function targetOf({ port, targetPort = port }: ServicePort, pod: Pod): number | undefined {
  if (typeof targetPort === 'number') {
    return targetPort;
  }
  return pod.spec.containers.flatMap((container) => container.ports ?? []).find(({ name }) => name === targetPort)?.containerPort;
}

/** Ports of which HTTP is not expected: everybody else is answered by HTTP, which curl and browsers speak. */
function speaksLines({ name = '', appProtocol = '' }: ServicePort): boolean {
  return /^(tcp|mongo|mysql|redis|thrift)\b/.test((appProtocol || name).toLowerCase());
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined;
}
