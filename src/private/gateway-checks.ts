import type { ApiObject } from 'cdk8s';
import type { GatewaySpec, GatewaySpecServers } from '../../imports/istio/gateway.types';
import type { VirtualServiceSpec } from '../../imports/istio/virtual-service.types';
import type { AppRegistry } from './app-registry';
import { isWildcard } from './names';
import { namespaceOf, type Print } from './printed-object';

const ISTIO = 'networking.istio.io/';
const GATEWAY_API = 'gateway.networking.k8s.io/';
const ROUTES = new Set(['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute']);

/** A reference of the Gateway API. */
interface Reference {
  readonly group?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
}

/**
 * Whether gateways and those who name them fit together, whoever wrote them: Gateways of both APIs, VirtualServices, routes of the Gateway API,
 * Ingresses. What is in namespaces that the mesh does not fill may exist without being in the App.
 */
export class GatewayChecks {
  private readonly gateways = new Map<string, readonly string[]>();
  private readonly kubernetesGateways = new Set<string>();
  private readonly services = new Set<string>();
  private readonly grants: { readonly from: string; readonly to: string; readonly names: readonly (string | undefined)[] }[] = [];

  constructor(private readonly registry: AppRegistry) {}

  errors(objects: readonly ApiObject[], print: Print): ReadonlyMap<ApiObject, string[]> {
    const found = new Map<ApiObject, string[]>();
    objects.forEach((object) => this.declare(object, print));
    this.conflicts(objects.filter(isIstioGateway), print, found);
    for (const object of objects) {
      const errors = this.errorsOf(object, print);
      if (errors.length > 0) {
        found.set(object, [...found.get(object) ?? [], ...new Set(errors)]);
      }
    }
    return found;
  }

  private declare(object: ApiObject, print: Print): void {
    const name = keyOf(object);
    if (isIstioGateway(object)) {
      this.gateways.set(name, list((print(object).spec as GatewaySpec | undefined)?.servers).flatMap(({ hosts }) => list(hosts)).map((host) => String(host).split('/').at(-1)!));
    } else if (object.apiVersion.startsWith(GATEWAY_API) && object.kind === 'Gateway') {
      this.kubernetesGateways.add(name);
    } else if (object.apiVersion === 'v1' && object.kind === 'Service') {
      this.services.add(name);
    } else if (object.kind === 'ReferenceGrant') {
      const { from, to } = (print(object).spec ?? {}) as { from?: readonly Reference[]; to?: readonly Reference[] };
      const names = list(to).filter(({ kind }) => kind === 'Service').map((one) => one.name);
      list(from).forEach(({ kind, namespace }) => this.grants.push({ from: `${kind} ${namespace}`, to: namespaceOf(object), names }));
    }
  }

  /** Two servers for one host on the same proxies and port: Istio takes the older one (IST0145). */
  private conflicts(gateways: readonly ApiObject[], print: Print, found: Map<ApiObject, string[]>): void {
    const first = new Map<string, ApiObject>();
    for (const gateway of gateways) {
      const { selector = {}, servers } = (print(gateway).spec ?? {}) as GatewaySpec;
      const labels = Object.entries(selector).map(([label, value]) => `${label}=${value}`).sort().join(',');
      for (const key of list(servers).flatMap((server) => serverKeys(server, labels))) {
        const other = first.get(key);
        first.set(key, other ?? gateway);
        if (other !== undefined && other !== gateway) {
          const [host, port] = key.split(' ');
          found.set(gateway, [...found.get(gateway) ?? [],
            `Gateway ${gateway.name}: host ${host} on port ${port} is already answered for by ${other.node.path} on the same proxies; take it away from one of them`]);
        }
      }
    }
  }

  private errorsOf(object: ApiObject, print: Print): string[] {
    if (object.apiVersion.startsWith(ISTIO) && object.kind === 'VirtualService') {
      return this.virtualServiceErrors(object, (print(object).spec ?? {}) as VirtualServiceSpec);
    }
    if (object.apiVersion.startsWith(GATEWAY_API) && ROUTES.has(object.kind)) {
      return this.routeErrors(object, print(object).spec);
    }
    return object.apiVersion.startsWith('networking.k8s.io/') && object.kind === 'Ingress' ? this.ingressErrors(object, print(object).spec) : [];
  }

  /** A gateway that is not there, or that answers for none of the hosts, never sees the routes (IST0101, IST0132). */
  private virtualServiceErrors(object: ApiObject, { gateways, hosts }: VirtualServiceSpec): string[] {
    const named = list(gateways).filter((gateway) => gateway !== 'mesh').map((gateway) => (String(gateway).includes('/') ? String(gateway) : `${namespaceOf(object)}/${gateway}`));
    const missing = named.filter((gateway) => !this.gateways.has(gateway) && this.isOurs(gateway.split('/')[0]) && this.registry.holder(`gateway ${gateway}`) === undefined)
      .map((gateway) => `VirtualService ${object.name}: names gateway ${gateway}, which does not exist; write it, or stand in for it with Gateway.fromName`);
    if (missing.length > 0 || named.length === 0 || list(gateways).includes('mesh') || named.some((gateway) => !this.gateways.has(gateway))) {
      return missing;
    }
    const answered = named.flatMap((gateway) => this.gateways.get(gateway) ?? []);
    return list(hosts).filter((host) => !answered.some((other) => overlap(String(host), other)))
      .map((host) => `VirtualService ${object.name}: its gateways answer for ${[...new Set(answered)].join(', ') || 'no host'}, not for ${host}; add the host to one of them`);
  }

  private routeErrors(object: ApiObject, spec: unknown): string[] {
    const { parentRefs, rules } = (spec ?? {}) as { parentRefs?: readonly Reference[]; rules?: readonly { backendRefs?: readonly Reference[] }[] };
    const own = namespaceOf(object);
    const parents = list(parentRefs).filter(({ kind = 'Gateway' }) => kind === 'Gateway').map(({ name, namespace = own }) => ({ key: `${namespace}/${name}`, namespace }))
      .filter(({ key, namespace }) => !this.kubernetesGateways.has(key) && this.isOurs(namespace) && this.registry.holder(`gateway ${key}`) === undefined)
      .map(({ key }) => `${object.kind} ${object.name}: names Gateway ${key}, which does not exist; write it, or stand in for it with Gateway.fromName`);
    const backends = list(rules).flatMap(({ backendRefs }) => list(backendRefs)).filter(({ kind = 'Service', group = '' }) => kind === 'Service' && group === '');
    return [...parents, ...backends.flatMap(({ name = '', namespace = own }) => this.backendErrors(object, name, namespace))];
  }

  private backendErrors(object: ApiObject, name: string, namespace: string): string[] {
    const key = `${namespace}/${name}`;
    if (!this.isOurs(namespace)) {
      return [];
    }
    if (!this.services.has(key) && !this.registry.meshHosts.has(`${name}.${namespace}.svc.cluster.local`)) {
      return [`${object.kind} ${object.name}: sends to Service ${key}, which does not exist; declare it, or stand in for it with MeshService.fromName`];
    }
    const granted = namespace === namespaceOf(object) || !this.services.has(key)
      || this.grants.some(({ from, to, names }) => from === `${object.kind} ${namespaceOf(object)}` && to === namespace && (names.includes(undefined) || names.includes(name)));
    return granted ? [] : [`${object.kind} ${object.name}: sends to Service ${key} of another namespace, which grants it to nobody; write a ReferenceGrant there`];
  }

  private ingressErrors(object: ApiObject, spec: unknown): string[] {
    interface Backend { readonly service?: { readonly name?: string } }
    interface Rule { readonly http?: { readonly paths?: readonly { readonly backend?: Backend }[] } }
    const { defaultBackend, rules } = (spec ?? {}) as { defaultBackend?: Backend; rules?: readonly Rule[] };
    const backends = [defaultBackend, ...list(rules).flatMap(({ http }) => list(http?.paths)).map(({ backend }) => backend)];
    return backends.flatMap((backend) => (backend?.service?.name === undefined ? [] : this.backendErrors(object, backend.service.name, namespaceOf(object))));
  }

  private isOurs(namespace: string): boolean {
    return this.registry.holder(`namespace ${namespace}`) !== undefined;
  }
}

function isIstioGateway({ apiVersion, kind }: ApiObject): boolean {
  return apiVersion.startsWith(ISTIO) && kind === 'Gateway';
}

function serverKeys({ port, hosts }: GatewaySpecServers, labels: string): string[] {
  return list(hosts).map((host) => `${String(host).replace(/^\*\//, '')} ${port?.number} ${labels}`);
}

/** Whether some host is one of both: a star stands for the first labels of a name. */
function overlap(first: string, second: string): boolean {
  const within = (host: string, wildcard: string): boolean => isWildcard(wildcard) && host.replace(/^\*/, '').endsWith(wildcard.slice(1));
  return first === second || within(first, second) || within(second, first);
}

function keyOf(object: ApiObject): string {
  return `${namespaceOf(object)}/${object.name}`;
}

/** Raw objects may hold anything, which the checks of their fields report. */
function list<T>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]).filter((item) => item !== null && item !== undefined) : [];
}
