import type { GatewaySpec } from '../istio';
import type { Problem } from '../model/problem';
import type { Resource } from '../model/resource';
import { resourcesOf } from '../model/snapshot';
import type { ResourceMap, Snapshot } from '../model/snapshot';

type Labels = Readonly<Record<string, string>>;

const NONE: ResourceMap = new Map();

/** Gateways that no pod serves: whoever applies Istio's samples has none of the gateways that Istio's installer would have made. */
export class UnservedGateways {
  private gateways = NONE;
  private pods = NONE;
  private found: readonly Problem[] = [];
  /** The pod that served a gateway the last time, which it most often still does. */
  private readonly servedBy = new Map<string, string>();

  public problems(raw: Snapshot): readonly Problem[] {
    const gateways = resourcesOf(raw, 'networking.istio.io/Gateway');
    const pods = resourcesOf(raw, '/Pod');
    if (gateways !== this.gateways || pods !== this.pods) {
      [this.gateways, this.pods] = [gateways, pods];
      this.found = [...gateways].filter(([key, gateway]) => !this.isServed(key, gateway)).map(([, gateway]) => unserved(gateway));
    }
    return this.found;
  }

  private isServed(key: string, gateway: Resource): boolean {
    const selector = selectorOf(gateway);
    const known = this.pods.get(this.servedBy.get(key) ?? '');
    if (known && matches(selector, known)) return true;
    const found = [...this.pods].find(([, pod]) => matches(selector, pod))?.[0];
    if (found === undefined) this.servedBy.delete(key);
    else this.servedBy.set(key, found);
    return found !== undefined;
  }
}

function selectorOf({ spec }: Resource): Labels {
  return (spec as GatewaySpec | undefined)?.selector ?? {};
}

function matches(selector: Labels, { metadata: { labels = {} } }: Resource): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

function unserved(gateway: Resource): Problem {
  const { kind, metadata: { namespace, name } } = gateway;
  const labels = Object.entries(selectorOf(gateway)).map((pair) => pair.join('=')).join(', ');
  const message = `no pod has the labels ${labels}, so nobody listens: correct it, or add a Deployment with these labels, a container `
    + '{ name: istio-proxy, image: auto } and the annotation inject.istio.io/templates: gateway, and a Service in front of it';
  return { resource: { kind, namespace, name }, path: 'spec.selector', message, severity: 'warning' };
}
