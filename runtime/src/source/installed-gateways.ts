import type { GatewaySpec as KubernetesGatewaySpec } from '../gateway-api';
import { GATEWAY_API } from '../gateway-api';
import type { GatewaySpec } from '../istio';
import type { Ingress, IngressClass, Pod, PodTemplate, Workload } from '../kubernetes';
import type { Resource } from '../model/resource';
import { groupKind, resourceKey } from '../model/snapshot';
import type { Change } from './intake';
import { INSTALLED, installedService, installedWorkload } from './installed-objects';
import type { InstalledGateway } from './installed-objects';
import { identity } from './object';
import { WORKLOAD_KINDS } from './pods';
import type { Store } from './store';

type Labels = Readonly<Record<string, string>>;

interface InstalledGatewaysOptions {
  readonly store: Store;
  /** Whether the user has written an object of that identity: it stays as it is. */
  readonly isGiven: (identity: string) => boolean;
  readonly inject: (template: PodTemplate, workload: { readonly name: string; readonly namespace: string }) => PodTemplate;
}

const GATEWAY = 'networking.istio.io/Gateway';
const INGRESS = 'networking.k8s.io/Ingress';
const INGRESS_CLASS = 'networking.k8s.io/IngressClass';
const CONCERNED: ReadonlySet<string> = new Set([GATEWAY, INGRESS, INGRESS_CLASS, `${GATEWAY_API}/Gateway`]);
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

/**
 * The gateways that Istio's installer leaves in every cluster: Istio's samples and most people's files select them and hold none.
 * Each stands while somebody asks for it and nobody has it. https://istio.io/latest/docs/setup/additional-setup/config-profiles/
 */
export class InstalledGateways {
  /** Objects that may ask for a gateway. */
  private readonly askers = new Map<string, Resource>();
  /** Workloads of the user with a label of an installed gateway, by the gateway's name. */
  private readonly owners = new Map<string, Set<string>>();
  private readonly standing = new Map<string, readonly Resource[]>();
  private readonly made = new Map<string, { readonly ports: string; readonly objects: readonly Resource[] }>();
  private dirty = false;

  public constructor(private readonly options: InstalledGatewaysOptions) {}

  public changed({ before, after }: Change): void {
    const object = (after ?? before) as Resource;
    const kind = groupKind(object.apiVersion, object.kind);
    if (CONCERNED.has(kind)) {
      if (after) this.askers.set(identity(object), after);
      else this.askers.delete(identity(object));
      this.dirty = true;
    } else if (WORKLOAD_KINDS.has(kind) || kind === '/Service') {
      this.workloadChanged(object, after);
    }
  }

  /** What must come and go. */
  public settle(): Change[] {
    if (!this.dirty) return [];
    this.dirty = false;
    return INSTALLED.flatMap((gateway) => this.settleOne(gateway));
  }

  private workloadChanged(object: Resource, after: Resource | undefined): void {
    const labels = after ? labelsOf(after) : {};
    for (const { name, labels: wanted } of INSTALLED) {
      const owners = this.owners.get(name) ?? new Set();
      const key = identity(object);
      const had = owners.has(key);
      const has = this.options.isGiven(key) && Object.entries(wanted).some(([label, value]) => labels[label] === value);
      if (has) this.owners.set(name, owners.add(key));
      else owners.delete(key);
      // A Service or Deployment of the same name takes the place of the installed one.
      this.dirty ||= had !== has || object.metadata.name === name;
    }
  }

  private settleOne(gateway: InstalledGateway): Change[] {
    const { name } = gateway;
    const known = this.standing.get(name) ?? [];
    const askers = this.owners.get(name)?.size ? [] : [...this.askers.values()].filter((one) => this.asks(one, gateway));
    const objects = askers.length === 0 ? [] : this.objects(gateway, askers).filter((one) => !this.options.isGiven(identity(one)));
    this.standing.set(name, objects);
    const wanted = new Set(objects.map(identity));
    const gone = known.filter((one) => !wanted.has(identity(one)) && !this.options.isGiven(identity(one)));
    const before = new Map(known.map((one) => [identity(one), one]));
    const came = objects.filter((one) => before.get(identity(one)) !== one);
    return [...gone.map((one) => ({ before: one })), ...came.map((after) => ({ before: before.get(identity(after)), after }))];
  }

  /** The same objects as long as the ports are the same. */
  private objects(gateway: InstalledGateway, askers: readonly Resource[]): readonly Resource[] {
    const { name, namespace } = gateway;
    const numbers = [...new Set(askers.flatMap(portsOf))].sort((a, b) => a - b);
    const known = this.made.get(name);
    if (known?.ports === numbers.join()) return known.objects;
    const workload = known?.objects.slice(0, -1) ?? installedWorkload(gateway, (template) => this.options.inject(template, { name, namespace }));
    const objects = [...workload, installedService(gateway, numbers)];
    this.made.set(name, { ports: numbers.join(), objects });
    return objects;
  }

  private asks(object: Resource, gateway: InstalledGateway): boolean {
    switch (groupKind(object.apiVersion, object.kind)) {
      case GATEWAY: return selects((object.spec as GatewaySpec | undefined)?.selector ?? {}, gateway.labels);
      case INGRESS: return gateway.servesIngress === true && this.isOurs(object as Ingress);
      case `${GATEWAY_API}/Gateway`: return names(object.spec as KubernetesGatewaySpec, gateway);
      default: return false;
    }
  }

  private isOurs({ metadata, spec }: Ingress): boolean {
    const annotation = metadata.annotations?.[CLASS_ANNOTATION];
    if (annotation !== undefined) return annotation === 'istio';
    const known = this.options.store.get(INGRESS_CLASS, resourceKey('', spec?.ingressClassName ?? '')) as IngressClass | undefined;
    return known?.spec?.controller === 'istio.io/ingress-controller';
  }
}

function labelsOf(object: Resource): Labels {
  return (object.kind === 'Pod' ? (object as Pod).metadata.labels : (object as Workload).spec?.template?.metadata?.labels) ?? {};
}

function selects(selector: Labels, labels: Labels): boolean {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value);
}

/** A Gateway of the Gateway API that is served by a Service which somebody else deploys. */
function names({ addresses = [] }: KubernetesGatewaySpec, { name, namespace }: InstalledGateway): boolean {
  return addresses.some(({ type, value }) => type === 'Hostname' && [`${name}.${namespace}.svc.cluster.local`, `${name}.${namespace}.svc`].includes(value ?? ''));
}

/** The ports that an object wants to be open. */
function portsOf({ apiVersion, kind, spec }: Resource): number[] {
  switch (groupKind(apiVersion, kind)) {
    case GATEWAY: return (spec as GatewaySpec).servers?.flatMap(({ port }) => port?.number ?? []) ?? [];
    case `${GATEWAY_API}/Gateway`: return (spec as KubernetesGatewaySpec).listeners.map(({ port }) => port);
    default: return [];
  }
}
