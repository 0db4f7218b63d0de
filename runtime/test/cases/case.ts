import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { load } from 'js-yaml';
import type { Compiled } from '../../src/compile';
import { Compiler, parseNode, readSwitches } from '../../src/compile';
import { decode, toJson } from '../../src/envoy';
import { TYPE_URLS } from '../../src/model/configuration';
import { Machines } from '../../src/control/machines';
import type { Health } from '../../src/model/machine';
import type { Problem } from '../../src/model/problem';
import type { Proxy } from '../../src/model/proxy';
import type { Snapshot } from '../../src/model/snapshot';
import { Cluster, parseText } from '../../src/source';
import { abbreviated } from './mutual-tls';

/** Folder of all cases: `<word>/<case>/in.yaml` and what must come of it. */
const CASES = join(__dirname, '..');

/** Goldens by the type of resources that stand in them, each a map from name to protobuf JSON. */
export const GOLDENS = {
  'listeners.yaml': 'listener', 'routes.yaml': 'route', 'clusters.yaml': 'cluster', 'endpoints.yaml': 'endpoint', 'secrets.yaml': 'secret',
  'extensions.yaml': 'extension',
} as const satisfies Record<string, keyof typeof TYPE_URLS>;

/** Problems that the case must report, as `Kind namespace/name path: message`; without the file there must be none. */
export const PROBLEMS = 'problems.yaml';

export const MACHINES = 'machines.yaml';

/** The proxy of a case: `proxy.yaml`, all of it optional. */
interface ProxyFile {
  readonly type?: 'sidecar' | 'router';
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly address?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A machine that is connected, from `machines.yaml`. */
interface MachineFile extends ProxyFile {
  /** @default true */
  readonly trusted?: boolean;
  /** What its agent reports. @default nothing */
  readonly health?: Health;
}

export interface Case {
  readonly name: string;
  readonly folder: string;
  readonly input: string;
  readonly proxy: Proxy;
  /** Environment of the control plane, from `switches.yaml`. */
  readonly env: Readonly<Record<string, string>>;
  readonly machines: readonly MachineFile[];
}

export function findCases(): Case[] {
  return folders(CASES).flatMap(folders).filter((folder) => existsSync(join(folder, 'in.yaml'))).map((folder) => ({
    name: relative(CASES, folder),
    folder,
    input: readFileSync(join(folder, 'in.yaml'), 'utf8'),
    proxy: readProxy(join(folder, 'proxy.yaml')),
    env: readYaml(join(folder, 'switches.yaml')) as Record<string, string>,
    machines: Object.values(readYaml(join(folder, MACHINES)) as Record<string, MachineFile>),
  }));
}

function folders(parent: string): string[] {
  return readdirSync(parent, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => join(parent, entry.name)).sort();
}

function readProxy(file: string): Proxy {
  const proxy = parseNode(nodeOf(readYaml(file) as ProxyFile));
  if (typeof proxy === 'string') {
    throw new Error(proxy);
  }
  return proxy;
}

/** How the proxy of a case introduces itself. */
export function nodeOfCase({ folder }: Pick<Case, 'folder'>): ReturnType<typeof nodeOf> {
  return nodeOf(readYaml(join(folder, 'proxy.yaml')) as ProxyFile);
}

function nodeOf({ type = 'sidecar', name = 'client', namespace = 'default', address = '10.244.0.9', labels, metadata }: ProxyFile) {
  return {
    id: `${type}~${address}~${name}.${namespace}~${namespace}.svc.cluster.local`, cluster: '',
    metadata: { NAMESPACE: namespace, LABELS: labels ?? { app: name }, ...metadata },
  };
}

export function readYaml(file: string): object {
  return existsSync(file) ? (load(readFileSync(file, 'utf8')) as object | null) ?? {} : {};
}

/** The world that the manifests of a case make: with the pods, addresses and endpoints that a cluster would add. */
export function snapshotOf(input: string, options: ConstructorParameters<typeof Cluster>[0] = {}): Snapshot {
  const { objects, problems } = parseText(input, { file: 'in.yaml', folder: CASES });
  if (problems.length > 0) {
    throw new Error(problems.map((problem) => problem.message).join('\n'));
  }
  const cluster = new Cluster(options);
  cluster.apply(objects);
  return cluster.snapshot();
}

export function compileCase({ input, proxy, env, machines }: Case): Compiled {
  const { snapshot, problems } = withMachines(snapshotOf(input), machines);
  const compiled = new Compiler(readSwitches(env)).compile(snapshot, proxy);
  return { ...compiled, problems: [...compiled.problems, ...problems] };
}

/** The world as the control plane sees it while machines are connected. */
export function withMachines(snapshot: Snapshot, files: Case['machines']): { readonly snapshot: Snapshot; readonly problems: readonly Problem[] } {
  const machines = new Machines({ parseNode, grace: 0, onChange: () => undefined });
  for (const { trusted = true, health, ...file } of files) {
    const node = nodeOf(file);
    machines.connected({ id: node.id, node, trusted });
    if (health) machines.reported({ node, trusted }, health);
  }
  return { snapshot: machines.join(snapshot), problems: machines.problems() };
}

/**
 * What came out of one resource, in the terms of its golden. `listener#chain` is one filter chain, `listener#chain#filter` one filter of it or of
 * its HTTP, and a list where several have the name. Undefined where nothing has it. What mutual TLS puts into all of them has a short word
 * outside of its own cases.
 */
export function resourceOf({ name: of }: Pick<Case, 'name'>, compiled: Compiled, golden: keyof typeof GOLDENS, name: string): unknown {
  const url = TYPE_URLS[GOLDENS[golden]] as `type.googleapis.com/${string}`;
  const [resourceName, part, filter] = name.split('#');
  const resource = compiled.configuration.get(url)?.get(resourceName);
  const whole = resource && toJson(url, decode(url, resource.bytes));
  const json = of.startsWith('mutual-tls/') ? whole : abbreviated(whole);
  const chain = (json as { filterChains?: FilterChain[] } | undefined)?.filterChains?.find((one) => (one.name ?? '') === part);
  return part === undefined ? json : filter === undefined ? chain : filtersOf(chain, filter);
}

interface Filter {
  readonly name: string;
  readonly typedConfig: { readonly httpFilters?: readonly Filter[] };
}

interface FilterChain {
  readonly name: string;
  readonly filters: readonly Filter[];
}

function filtersOf(chain: FilterChain | undefined, name: string): Filter | readonly Filter[] | undefined {
  const found = chain?.filters.flatMap((one) => [one, ...one.typedConfig.httpFilters ?? []]).filter((one) => one.name === name) ?? [];
  return found.length > 1 ? found : found[0];
}

export function problemLines(problems: readonly Problem[]): string[] {
  return problems.map(({ resource, path, message, severity }) =>
    `${severity ?? 'error'} ${resource.kind} ${resource.namespace}/${resource.name} ${path}: ${message}`).sort();
}
