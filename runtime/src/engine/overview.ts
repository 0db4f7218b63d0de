import type { ProxyStatus } from '../control/messages';
import type { DestinationRuleSpec, GatewaySpec, SidecarSpec, VirtualServiceSpec } from '../istio';
import type { Pod, Service } from '../kubernetes';
import { CLUSTER_DOMAIN, resolveHost, serviceHost } from '../model/host';
import { ROOT_NAMESPACE } from '../model/mesh';
import { resourcesOf, type Snapshot } from '../model/snapshot';
import type { ObjectStatus } from '../model/status';
import { apiGatewayOverviews } from './api-gateways';
import { isControlPlane } from './control-pod';
import { isGateway, STATUS_PORT, type GatewayOverview } from './gateways';
import { matches, selects } from './selector';
import type { LocatedProblem } from './wire';

/** What people want to see of a mesh at a glance. */
export interface Overview {
  readonly services: readonly ServiceOverview[];
  readonly gateways: readonly GatewayOverview[];
}

export interface ServiceOverview {
  readonly name: string;
  readonly namespace: string;
  readonly address: string;
  readonly ports: readonly number[];
  readonly versions: readonly VersionOverview[];
  /** What it may call; undefined: everything. */
  readonly calls?: readonly string[];
  /** Of a gateway: the hosts that it serves. */
  readonly serves?: readonly string[];
}

export interface VersionOverview {
  /** The label `version`; empty where there is none. */
  readonly version: string;
  /** Percent of the requests that no condition sends elsewhere; undefined where no route says. */
  readonly share?: number;
  /** `namespace/name` */
  readonly pods: readonly string[];
}

/** A mesh that runs, as `mesh status` prints it. */
export interface MeshStatus extends Overview {
  readonly name: string;
  readonly startedAt: string;
  readonly controlPlane: { readonly state: string; readonly restarts: number };
  readonly pods: readonly PodStatus[];
  readonly proxies: readonly ProxyStatus[];
  /** Conditions of objects of the Gateway API. */
  readonly statuses: readonly ObjectStatus[];
  readonly problems: readonly LocatedProblem[];
  /** Kinds of objects that are not read and that somebody may miss, as `apiVersion Kind`. */
  readonly ignored: readonly string[];
}

export interface PodStatus {
  readonly namespace: string;
  readonly name: string;
  readonly address: string;
  readonly ready: boolean;
  readonly containers: readonly { readonly name: string; readonly state: string; readonly restarts: number }[];
}

export function overviewOf(snapshot: Snapshot): Overview {
  const pods = ([...resourcesOf(snapshot, '/Pod').values()] as Pod[]).filter((pod) => !isControlPlane(pod));
  const gateways = gatewayOverviews(snapshot);
  const services = ([...resourcesOf(snapshot, '/Service').values()] as Service[]).flatMap((service) => {
    const selected = pods.filter((pod) => selects(service, pod));
    if (selected.length === 0) {
      return [];
    }
    const overview = serviceOverview(service, selected, snapshot);
    return selected.some(isGateway) ? [{ ...overview, serves: hostsOf(overview, gateways) }] : [overview];
  });
  return { services, gateways };
}

function hostsOf({ namespace, name }: ServiceOverview, gateways: readonly GatewayOverview[]): string[] {
  return [...new Set(gateways.filter(({ service }) => service === `${namespace}/${name}`).map(({ host }) => host))];
}

function serviceOverview(service: Service, pods: readonly Pod[], snapshot: Snapshot): ServiceOverview {
  const { name, namespace } = service.metadata;
  const shares = sharesOf(serviceHost(name, namespace), snapshot);
  const byVersion = new Map<string, string[]>();
  for (const { metadata } of pods) {
    const version = metadata.labels?.version ?? '';
    byVersion.set(version, [...byVersion.get(version) ?? [], `${metadata.namespace}/${metadata.name}`]);
  }
  const versions = [...byVersion].sort(([a], [b]) => (a < b ? -1 : 1)).map(([version, keys]) => {
    return { version, pods: keys, ...(shares ? { share: shares.get(version) ?? 0 } : {}) };
  });
  const calls = callsOf(pods[0] as Pod, snapshot);
  const ports = (service.spec?.ports ?? []).map(({ port }) => port).filter((port) => port !== STATUS_PORT);
  return { name, namespace, address: service.spec?.clusterIP ?? '', ports, versions, ...(calls ? { calls } : {}) };
}

/** Of the route without a condition: percent by the label `version` of its subsets. */
function sharesOf(host: string, snapshot: Snapshot): Map<string, number> | undefined {
  for (const { metadata, spec } of resourcesOf(snapshot, 'networking.istio.io/VirtualService').values()) {
    const { hosts = [], http = [] } = spec as VirtualServiceSpec;
    const last = hosts.some((name) => resolveHost(name, metadata.namespace) === host) ? http.find(({ match }) => !match?.length) : undefined;
    if (!last?.route?.some(({ destination }) => destination.subset)) {
      continue;
    }
    const total = last.route.reduce((sum, { weight = 0 }) => sum + weight, 0);
    const shares = new Map<string, number>();
    for (const { destination, weight = 0 } of last.route) {
      const version = versionOf(host, destination.subset ?? '', snapshot);
      shares.set(version, (shares.get(version) ?? 0) + (total === 0 ? 100 / last.route.length : weight * 100 / total));
    }
    return shares;
  }
  return undefined;
}

function versionOf(host: string, subset: string, snapshot: Snapshot): string {
  for (const { metadata, spec } of resourcesOf(snapshot, 'networking.istio.io/DestinationRule').values()) {
    const rule = spec as DestinationRuleSpec;
    const found = resolveHost(rule.host ?? '', metadata.namespace) === host ? rule.subsets?.find(({ name }) => name === subset) : undefined;
    if (found) {
      return found.labels?.version ?? subset;
    }
  }
  return subset;
}

/** From the Sidecar that holds for the pod, in short names. */
function callsOf(pod: Pod, snapshot: Snapshot): string[] | undefined {
  const { namespace } = pod.metadata;
  const own = [...resourcesOf(snapshot, 'networking.istio.io/Sidecar').values()].filter(({ metadata }) => metadata.namespace === namespace)
    .map(({ spec }) => spec as SidecarSpec);
  const sidecar = own.find(({ workloadSelector }) => matches(workloadSelector?.labels, pod)) ?? own.find(({ workloadSelector }) => !workloadSelector);
  const hosts = sidecar?.egress?.flatMap((listener) => listener.hosts ?? []);
  return hosts === undefined || hosts.includes('*/*') ? undefined
    : [...new Set(hosts.filter((host) => host !== `${ROOT_NAMESPACE}/*`).map((host) => egressName(host, namespace)))].sort();
}

/** `./*` in namespace shop is `*.shop`. */
function egressName(host: string, namespace: string): string {
  const slash = host.indexOf('/');
  const [where, name] = [host.slice(0, slash), host.slice(slash + 1)];
  return name === '*' ? `*.${where === '.' ? namespace : where}` : shortName(name, namespace);
}

function shortName(host: string, namespace: string): string {
  const cluster = `.svc.${CLUSTER_DOMAIN}`;
  const inside = host.endsWith(cluster) ? host.slice(0, -cluster.length) : host;
  return inside.endsWith(`.${namespace}`) ? inside.slice(0, -namespace.length - 1) : inside;
}

function gatewayOverviews(snapshot: Snapshot): GatewayOverview[] {
  const pods = ([...resourcesOf(snapshot, '/Pod').values()] as Pod[]).filter(isGateway);
  const services = [...resourcesOf(snapshot, '/Service').values()] as Service[];
  const own = [...resourcesOf(snapshot, 'networking.istio.io/Gateway').values()].flatMap(({ metadata, spec }) => {
    const { servers = [], selector = {} } = spec as GatewaySpec;
    const name = `${metadata.namespace}/${metadata.name}`;
    const service = services.find((candidate) => pods.some((pod) => matches(selector, pod) && selects(candidate, pod)));
    const key = service && `${service.metadata.namespace}/${service.metadata.name}`;
    const open = openPorts(service);
    return servers.flatMap(({ port, hosts = [] }) => hosts.map((text) => {
      const host = text.slice(text.indexOf('/') + 1);
      return { name, ...(key ? { service: key } : {}), port: open(port?.number ?? 0), protocol: (port?.protocol ?? '').toUpperCase(), host, path: pathOf(name, host, snapshot) };
    }));
  });
  return [...own, ...apiGatewayOverviews(snapshot)];
}

/** A Gateway may name the port of the pods as well as that of the Service, which alone is open. */
function openPorts(service: Service | undefined): (number: number) => number {
  const ports = service?.spec?.ports ?? [];
  return (number) => (ports.some(({ port }) => port === number) ? number : ports.find(({ targetPort }) => targetPort === number)?.port ?? number);
}

/** What a user may click on: the first path that a route of the gateway takes. */
function pathOf(gateway: string, host: string, snapshot: Snapshot): string {
  for (const { metadata, spec } of resourcesOf(snapshot, 'networking.istio.io/VirtualService').values()) {
    const { gateways = [], hosts = [], http = [] } = spec as VirtualServiceSpec;
    const bound = gateways.some((name) => (name.includes('/') ? name : `${metadata.namespace}/${name}`) === gateway);
    if (bound && (hosts.includes(host) || hosts.includes('*') || host === '*')) {
      const paths = http.flatMap(({ match }) => match ?? [{}]).map(({ uri }) => uri as { exact?: string; prefix?: string } | undefined);
      const first = paths.map((uri) => uri?.exact ?? uri?.prefix).find((path) => path?.startsWith('/'));
      return first ?? '/';
    }
  }
  return '/';
}
