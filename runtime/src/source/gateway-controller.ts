import { CORE_SCHEMA, load } from 'js-yaml';
import { GATEWAY_API, allowedSets, controllerOf, isManaged, knownNamespaces, nameFault, parentOfSet } from '../gateway-api';
import type { GatewaySpec, ListenerSetSpec } from '../gateway-api';
import { checkKubernetes } from '../kubernetes';
import type { PodTemplate } from '../kubernetes';
import type { Problem } from '../model/problem';
import type { Resource } from '../model/resource';
import { refOf } from '../model/resource';
import { groupKind, resourceKey } from '../model/snapshot';
import type { ResourceMap } from '../model/snapshot';
import { gatewayObjects } from './gateway-objects';
import type { GatewayObjects } from './gateway-objects';
import type { Change } from './intake';
import { identity } from './object';
import { overlay } from './overlay';
import type { Store } from './store';

/** Kinds that decide what is deployed for a Gateway. */
const CONCERNED: ReadonlySet<string> = new Set([
  ...['Gateway', 'GatewayClass', 'ListenerSet'].map((kind) => `${GATEWAY_API}/${kind}`), '/ConfigMap', '/Namespace', '/Service', '/ServiceAccount', 'apps/Deployment',
]);
/** A ConfigMap in the root namespace with this label changes what is deployed for all Gateways of a class. */
const CLASS_DEFAULTS = 'gateway.istio.io/defaults-for-class';
const ROOT_NAMESPACE = 'istio-system';
const PARTS = ['serviceAccount', 'deployment', 'service'] as const;
/** Istio makes these only where they are asked for; on one machine nobody looks at them. */
const IDLE_PARTS: ReadonlySet<string> = new Set(['horizontalPodAutoscaler', 'podDisruptionBudget']);

interface GatewayControllerOptions {
  readonly store: Store;
  /** Whether the user has written an object of that identity: it stays as it is. */
  readonly isGiven: (identity: string) => boolean;
  readonly inject: (template: PodTemplate, workload: { readonly name: string; readonly namespace: string }) => PodTemplate;
}

interface Deployed {
  readonly inputs: readonly unknown[];
  readonly objects: readonly Resource[];
  readonly problems: readonly Problem[];
}

/** Istio's controller for Gateways of the Gateway API: deploys a proxy for each that has no address of its own. */
export class GatewayController {
  private readonly deployed = new Map<string, Deployed>();
  private readonly standing = new Map<string, Resource>();
  private dirty = false;

  public constructor(private readonly options: GatewayControllerOptions) {}

  public changed(resource: Resource): void {
    this.dirty ||= CONCERNED.has(groupKind(resource.apiVersion, resource.kind));
  }

  /** What must come, change and go so that every Gateway has what it needs. */
  public settle(): Change[] {
    if (!this.dirty) return [];
    this.dirty = false;
    const gateways = this.all('Gateway').filter((gateway) => this.isOurs(gateway));
    const keys = new Set(gateways.map(identity));
    for (const key of [...this.deployed.keys()]) if (!keys.has(key)) this.deployed.delete(key);
    const wanted = new Map(gateways.flatMap((gateway) => this.deploy(gateway)).filter((one) => !this.options.isGiven(identity(one))).map((one) => [identity(one), one]));
    const gone = [...this.standing].filter(([key]) => !wanted.has(key));
    const changes: Change[] = [];
    for (const [key, before] of gone) {
      this.standing.delete(key);
      if (!this.options.isGiven(key)) changes.push({ before });
    }
    for (const [key, after] of wanted) {
      const before = this.standing.get(key);
      if (before !== after) changes.push({ before, after });
      this.standing.set(key, after);
    }
    return changes;
  }

  public problems(): Problem[] {
    return [...this.deployed.values()].flatMap(({ problems }) => problems);
  }

  private all(kind: string): Resource[] {
    return this.options.store.all(`${GATEWAY_API}/${kind}`);
  }

  private isOurs(gateway: Resource): boolean {
    const { gatewayClassName } = gateway.spec as GatewaySpec;
    const gatewayClass = this.options.store.get(`${GATEWAY_API}/GatewayClass`, resourceKey('', gatewayClassName));
    return controllerOf(gatewayClassName, gatewayClass) === 'managed' && isManaged(gateway) && nameFault(gateway) === undefined;
  }

  private deploy(gateway: Resource): readonly Resource[] {
    const key = identity(gateway);
    const sets = this.listenerSets(gateway);
    const parameters = this.parameters(gateway);
    const inputs = [gateway, ...sets, ...parameters];
    const known = this.deployed.get(key);
    if (known && known.inputs.length === inputs.length && known.inputs.every((input, i) => input === inputs[i])) return known.objects;
    const { namespace } = gateway.metadata;
    const listeners = [...(gateway.spec as GatewaySpec).listeners, ...sets.flatMap(({ spec }) => (spec as ListenerSetSpec).listeners)];
    const objects = gatewayObjects(gateway, listeners, (template, name) => this.options.inject(template, { name, namespace }));
    const problems: Problem[] = this.missingParameters(gateway, parameters);
    const changed = PARTS.map((part) => overlaid(objects, part, parameters, problems));
    this.deployed.set(key, { inputs, objects: changed, problems });
    return changed;
  }

  private listenerSets(gateway: Resource): Resource[] {
    const key = resourceKey(gateway.metadata.namespace, gateway.metadata.name);
    const sets = this.all('ListenerSet').filter((set) => parentOfSet(set) === key);
    if (sets.length === 0) return [];
    const given = (): ResourceMap => new Map(this.options.store.all('/Namespace').map((one) => [resourceKey('', one.metadata.name), one]));
    const allowed = allowedSets(gateway, () => knownNamespaces(given(), sets.map(({ metadata }) => metadata.namespace)));
    return sets.filter(({ metadata }) => allowed?.has(metadata.namespace) ?? true);
  }

  /** ConfigMaps with changes to what is deployed: of the class, then of the Gateway. */
  private parameters(gateway: Resource): Resource[] {
    const { gatewayClassName, infrastructure } = gateway.spec as GatewaySpec;
    const defaults = this.options.store.all('/ConfigMap')
      .filter(({ metadata }) => metadata.namespace === ROOT_NAMESPACE && metadata.labels?.[CLASS_DEFAULTS] === gatewayClassName);
    const ref = infrastructure?.parametersRef;
    const own = ref?.kind === 'ConfigMap' && ref.group === ''
      ? this.options.store.get('/ConfigMap', resourceKey(gateway.metadata.namespace, ref.name)) : undefined;
    return [...defaults.slice(0, 1), ...own ? [own] : []];
  }

  private missingParameters(gateway: Resource, found: readonly Resource[]): Problem[] {
    const ref = (gateway.spec as GatewaySpec).infrastructure?.parametersRef;
    if (!ref || found.some(({ metadata }) => metadata.name === ref.name && metadata.namespace === gateway.metadata.namespace)) return [];
    const path = 'spec.infrastructure.parametersRef';
    return [{ resource: refOf(gateway), path, message: `there is no ${ref.kind} ${ref.name} in ${gateway.metadata.namespace}: only ConfigMaps of the Gateway's namespace are read` }];
  }
}

/** One object, with the changes of ConfigMaps. What a ConfigMap makes unusable counts as not written. */
function overlaid(objects: GatewayObjects, part: typeof PARTS[number], parameters: readonly Resource[], problems: Problem[]): Resource {
  return parameters.reduce((object, parameter) => {
    const data = (parameter.data ?? {}) as Record<string, string>;
    const problem = (path: string, message: string): void => void problems.push({ resource: refOf(parameter), path, message });
    if (part === PARTS[0]) {
      for (const name of Object.keys(data)) {
        if (!(PARTS as readonly string[]).includes(name) && !IDLE_PARTS.has(name)) problem(`data.${name}`, `is none of ${[...PARTS, ...IDLE_PARTS].join(', ')}: it is left out`);
      }
    }
    if (data[part] === undefined) return object;
    const changed = patched(object, data[part]);
    if (typeof changed === 'string') problem(`data.${part}`, `${changed}: it is left out`);
    return typeof changed === 'string' ? object : changed;
  }, objects[part]);
}

function patched(object: Resource, text: string): Resource | string {
  try {
    const changed = overlay(object, load(text, { schema: CORE_SCHEMA })) as Resource;
    const wrong = checkKubernetes(groupKind(object.apiVersion, object.kind), changed);
    if (wrong) return `makes ${wrong.path} unusable (${wrong.message})`;
    return identity(changed) === identity(object) ? changed : 'changes name or namespace, which Istio forbids';
  } catch (error) {
    return `is not YAML (${(error as Error).message.split('\n', 1)[0]})`;
  }
}
