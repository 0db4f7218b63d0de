import type { EgressListener } from '../model/listener';
import type { Mesh } from '../model/mesh';
import type { VirtualService } from '../model/route';
import { MESH_GATEWAY } from '../model/route';
import { sameItems } from './cache';
import { isSelected } from './host-index';
import type { ListChange } from './list-change';
import { changeOf } from './list-change';
import { importsAll } from './scope';

/** By what a proxy sees VirtualServices: a sidecar by the listeners of its Sidecar, a gateway by the Gateways that it runs. */
export type Sight = { readonly listeners: readonly EgressListener[] } | { readonly gateways: ReadonlySet<string> };

/** An edit of VirtualServices and of nothing else. */
interface Step {
  readonly after: Mesh;
  /** Undefined: more is different. */
  readonly change?: ListChange<VirtualService>;
  /** Whether listeners import something of it; many proxies have one and the same. */
  readonly imported: Map<EgressListener, boolean>;
}

/** Of these no configuration is made: problems are told of as they are now, statuses are the control plane's own. */
const TOLD: ReadonlySet<string> = new Set<keyof Mesh>(['virtualServices', 'finishing', 'problems', 'statuses']);

/**
 * Knows of most edits, those of a single route, without looking at anything else which proxies they are nothing to. What they have then is
 * what they are to have.
 */
export class RuleSteps {
  private readonly steps = new WeakMap<Mesh, Step>();

  /** @param sameClasses whether the same proxies are alike in both */
  public constructor(private readonly sameClasses: (before: Mesh, after: Mesh) => boolean) {}

  /** True only where a glance is enough to say so. */
  public isForOthers(before: Mesh, after: Mesh, sight: Sight): boolean {
    const step = this.stepOf(before, after);
    return step.change !== undefined && !isSeen(step, step.change, sight);
  }

  /** Whether nothing but rules is different. */
  public isOfRules(before: Mesh, after: Mesh): boolean {
    return before === after || this.stepOf(before, after).change !== undefined;
  }

  private stepOf(before: Mesh, after: Mesh): Step {
    let step = this.steps.get(before);
    if (step?.after !== after) {
      const change = isOfRules(before, after) && this.sameClasses(before, after) ? changeOf(before.virtualServices, after.virtualServices) : undefined;
      step = { after, change, imported: new Map() };
      this.steps.set(before, step);
    }
    return step;
  }
}

function isOfRules(before: Mesh, after: Mesh): boolean {
  const others = (Object.keys(after) as (keyof Mesh)[]).filter((key) => !TOLD.has(key));
  return others.every((key) => before[key] === after[key]) && sameItems([...before.finishing.values()], [...after.finishing.values()]);
}

function isSeen(step: Step, { gone, come }: ListChange<VirtualService>, sight: Sight): boolean {
  if ('gateways' in sight) {
    return [...gone, ...come].some((rule) => rule.gateways.some((name) => sight.gateways.has(name)));
  }
  return sight.listeners.some((listener) => {
    let imported = step.imported.get(listener);
    if (imported === undefined) {
      imported = [...gone, ...come].some((rule) => imports(listener, rule));
      step.imported.set(listener, imported);
    }
    return imported;
  });
}

/** For some proxies it may be hidden: those look closer. */
function imports(listener: EgressListener, { namespace, hosts, gateways }: VirtualService): boolean {
  return gateways.includes(MESH_GATEWAY) && (importsAll(listener) || isSelected(namespace, hosts, { list: listener.hosts, excluded: listener.excluded }));
}
