import { compare } from '../model/host';
import type { Sidecar } from '../model/listener';
import type { Standpoint } from '../model/locality';
import type { Mesh } from '../model/mesh';
import type { Proxy } from '../model/proxy';
import type { VirtualService } from '../model/route';
import type { Labels } from '../model/workload';
import { selects } from '../model/workload';
import { Derived, ObjectCache } from './cache';
import type { ProxyClass } from './emit/proxy-class';
import { groupBy } from './groups';
import { Followed } from './list-change';
import { PreferenceFinder } from './preferences';
import { standpointOf } from './read/topology';
import type { ScopeInput } from './scope';

/** Debian's and most other distributions' bundle of authorities. */
const SYSTEM_TRUST = '/etc/ssl/certs/ca-certificates.crt';

/** What of a proxy shapes what it gets for its outgoing requests, and the name under which that is kept: pods by the thousand share one. */
export interface View extends ScopeInput {
  readonly proxyClass: ProxyClass;
  readonly standpoint: KeyedStandpoint;
}

/** Where a proxy stands, as far as that makes a difference anywhere in the mesh. */
export interface KeyedStandpoint extends Standpoint {
  /** Stands for all of it. */
  readonly key: string;
}

/** Finds out which proxies are alike. */
export class ViewFinder {
  private readonly views = new ObjectCache<Proxy, View>(2);
  private readonly sidecars = new Derived((sidecars: readonly Sidecar[]) => groupBy(sidecars, (one) => one.namespace));
  private readonly chosen = new ObjectCache<Proxy, { readonly sidecar?: Sidecar }>(1);
  private readonly asked = new ObjectCache<Mesh['virtualServices'], string>(2);
  private readonly askedByRule = new Derived(labelsOf);
  private readonly askedByRules = new Followed((rules: Mesh['virtualServices']) => new Set(rules.flatMap((one) => this.askedByRule.of(one))), ({ gone, come }) =>
    [...gone, ...come].every((one) => this.askedByRule.of(one).length === 0));
  private readonly preferences = new PreferenceFinder();

  public viewOf(mesh: Mesh, proxy: Proxy): View {
    const asked = this.askedLabels(mesh);
    const preferred = this.preferences.of(mesh);
    const sidecar = proxy.type === 'sidecar' ? this.sidecarFor(mesh, proxy) : undefined;
    const standing = preferred ? mesh.places.of(proxy.namespace, proxy.name) : undefined;
    return this.views.get(proxy, [asked, preferred, sidecar, standing], () => {
      const standpoint = preferred ? seenStandpoint(standing ?? standpointOf(proxy.labels), preferred) : NOWHERE;
      return makeView(proxy, JSON.parse(asked) as string[], { sidecar, standpoint });
    });
  }

  /** Whether edits of rules left it as it was which proxies are alike. */
  public sameClasses(before: Mesh, after: Mesh): boolean {
    return this.askedLabels(before) === this.askedLabels(after);
  }

  /** Names of the labels by which rules tell callers apart: no other label of a pod makes a difference. */
  private askedLabels({ virtualServices, destinationRules }: Mesh): string {
    return this.asked.get(virtualServices, [destinationRules], () => {
      const names = new Set(this.askedByRules.of(virtualServices));
      for (const one of destinationRules) {
        if (one.workloadSelector) {
          Object.keys(one.workloadSelector).forEach((name) => names.add(name));
        }
      }
      return JSON.stringify([...names].sort(compare));
    });
  }

  /** A Sidecar that selects the workload, else the one of the namespace, else the one of the root namespace. */
  private sidecarFor(mesh: Mesh, proxy: Proxy): Sidecar | undefined {
    return this.chosen.get(proxy, [mesh.sidecars, mesh.settings.rootNamespace], () => ({ sidecar: this.chooseSidecar(mesh, proxy) })).sidecar;
  }

  private chooseSidecar({ sidecars, settings }: Mesh, { namespace, labels }: Proxy): Sidecar | undefined {
    const byNamespace = this.sidecars.of(sidecars);
    const own = byNamespace.get(namespace);
    return own?.find((sidecar) => sidecar.workloadSelector && selects(sidecar.workloadSelector, labels))
      ?? own?.find((sidecar) => !sidecar.workloadSelector)
      ?? byNamespace.get(settings.rootNamespace)?.find((sidecar) => !sidecar.workloadSelector);
  }
}

function labelsOf({ http, tls, tcp }: VirtualService): string[] {
  return [...http, ...tls, ...tcp].flatMap((rule): readonly { sourceLabels: Labels }[] => rule.matches).flatMap((match) => Object.keys(match.sourceLabels));
}

const NOWHERE: KeyedStandpoint = { key: '', locality: '', labels: {} };

/** @param labels names of the labels that make a difference, as JSON */
function seenStandpoint({ locality, labels: all }: Standpoint, labels: string): KeyedStandpoint {
  const seen = (JSON.parse(labels) as string[]).filter((name) => Object.hasOwn(all, name)).map((name): [string, string] => [name, all[name]]);
  return { key: JSON.stringify([locality, seen]), locality, labels: Object.fromEntries(seen) };
}

function makeView(proxy: Proxy, asked: readonly string[], { sidecar, standpoint }: Pick<View, 'sidecar' | 'standpoint'>): View {
  const proxyClass: ProxyClass = {
    type: proxy.type,
    systemTrust: typeof proxy.metadata.LOCAL_TRUST === 'string' ? proxy.metadata.LOCAL_TRUST : SYSTEM_TRUST,
  };
  const labels = asked.filter((name) => Object.hasOwn(proxy.labels, name)).map((name): [string, string] => [name, proxy.labels[name]]);
  const { namespace } = proxy;
  const tellsNames = proxy.type === 'sidecar' && proxy.metadata.DNS_CAPTURE === 'true';
  const { type, systemTrust } = proxyClass;
  const scopedBy = sidecar ? [sidecar.namespace, sidecar.resource.name] : [];
  return {
    key: JSON.stringify([type, namespace, systemTrust, labels, scopedBy, tellsNames, standpoint.key]),
    client: { key: JSON.stringify([namespace, labels]), namespace, labels: Object.fromEntries(labels) },
    sidecar,
    tellsNames,
    proxyClass,
    standpoint,
  };
}
