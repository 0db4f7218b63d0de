import type { ReferenceGrantSpec } from '../../../../../imports/gateway-api/reference-grant.types';
import type { ResourceMap } from '../../../model/snapshot';
import { Derived } from '../../cache';

/** Who may refer to objects of other namespaces: the ReferenceGrants, which stand beside what is referred to. */
class Grants {
  private readonly allowed = new Set<string>();

  public constructor(grants: ResourceMap) {
    for (const { spec, metadata: { namespace } } of grants.values()) {
      const { from, to } = spec as ReferenceGrantSpec;
      from.forEach((one) => to.forEach((other) => this.allowed.add(
        entry(`${one.group}/${one.kind}`, one.namespace, `${other.group}/${other.kind}`, `${namespace}/${other.name ?? '*'}`),
      )));
    }
  }

  /** Kinds as `group/Kind`, the key as `namespace/name`. */
  public allow(fromKind: string, fromNamespace: string, kind: string, key: string): boolean {
    const [namespace] = key.split('/');
    return this.allowed.has(entry(fromKind, fromNamespace, kind, key)) || this.allowed.has(entry(fromKind, fromNamespace, kind, `${namespace}/*`));
  }
}

function entry(fromKind: string, fromNamespace: string, kind: string, key: string): string {
  return `${fromKind} ${fromNamespace} ${kind} ${key}`;
}

export const grantsOf = new Derived((grants: ResourceMap) => new Grants(grants));
