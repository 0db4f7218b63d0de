import { loadAll } from 'js-yaml';
import { checkResource } from '../../../imports/checks';
import type { Resource } from '../../src/model/resource';
import { findCases } from '../cases/case';
import type { Case } from '../cases/case';

/** A case whose objects are all valid, and those of them that have a schema to be mutated by. */
export interface Sample extends Case {
  readonly objects: readonly Resource[];
  readonly targets: readonly number[];
}

/**
 * The inputs of all cases: every feature that we handle stands in some of them. An EnvoyFilter is Envoy's own configuration: what Envoy
 * refuses of it becomes a Problem when it says so, and is no promise of ours.
 */
export function readCorpus(): Sample[] {
  return findCases().flatMap((one): Sample[] => {
    const objects = (loadAll(one.input) as (Resource | null)[]).filter((object) => object !== null);
    const targets = objects.flatMap(({ apiVersion, kind, spec }, i) => (isMesh(apiVersion) && spec && kind !== 'EnvoyFilter' ? [i] : []));
    return targets.length > 0 && objects.every((object) => checkResource(object).length === 0) ? [{ ...one, objects, targets }] : [];
  });
}

function isMesh(apiVersion: string): boolean {
  const [group] = apiVersion.split('/');
  return group.endsWith('.istio.io') || group === 'gateway.networking.k8s.io';
}

