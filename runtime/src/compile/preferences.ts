import type { Attachments } from '../model/attachment';
import type { DestinationRule, TrafficPolicy } from '../model/cluster';
import { settingsFor } from '../model/cluster';
import { compare } from '../model/host';
import type { Mesh, MeshSettings } from '../model/mesh';
import type { Reach, Service } from '../model/service';
import { Derived, ObjectCache } from './cache';
import { spreadOf } from './emit/cluster';

/** Names of the labels that some preference compares; undefined: there are no preferences. */
type Asked = readonly string[] | undefined;

/** A service of which nothing is known but what a rule says. */
const ANY: Reach = {};

/**
 * Finds out whether it makes a difference anywhere where a proxy stands, and by which labels. Where it does not, proxies of all places are
 * alike and share what is made for them.
 */
export class PreferenceFinder {
  private readonly byMesh = new ObjectCache<MeshSettings, string | undefined>(2);
  private readonly byRule = new ObjectCache<DestinationRule, Asked>(2);
  private readonly services = new Derived(reaches);

  /** As JSON, so that equal answers are equal. */
  public of({ settings, destinationRules, services }: Mesh): string | undefined {
    const distributed = this.services.of(services);
    return this.byMesh.get(settings, [destinationRules, distributed], () => {
      const all = destinationRules.map((rule) => this.byRule.get(rule, [settings, distributed], () =>
        union(policiesOf(rule).map((policy) => asked(policy, distributed, settings)))));
      const found = union([...all, asked(settings.defaultPolicy, distributed, settings)]);
      return found && JSON.stringify([...found].sort(compare));
    });
  }
}

function policiesOf({ policy, subsets }: DestinationRule): Attachments[] {
  const portsOf = (one: TrafficPolicy) => [0, ...one.ports.keys()];
  const ports = new Set([policy, ...subsets.map((subset) => subset.policy)].flatMap(portsOf));
  return [undefined, ...subsets].flatMap((subset) => [...ports].map((port) => settingsFor(policy, port, subset)));
}

/** What services ask for, as one text; most meshes have nothing of it. */
function reaches(services: readonly Service[]): string {
  const special = services.filter(({ distribution, ownNodeOnly }) => distribution !== undefined || ownNodeOnly === true);
  return `[${[...new Set(special.map(({ distribution, ownNodeOnly }) => JSON.stringify({ distribution, ownNodeOnly })))].sort(compare).join()}]`;
}

function asked(policy: Attachments, distributed: string, settings: MeshSettings): Asked {
  const effective = settings.defaultPolicy.overriddenBy(policy);
  return union([ANY, ...JSON.parse(distributed) as Reach[]].map((reach) => spreadOf(reach, effective, settings)?.labels));
}

function union(some: readonly Asked[]): Asked {
  const found = some.filter((one) => one !== undefined);
  return found.length === 0 ? undefined : [...new Set(found.flat())];
}
