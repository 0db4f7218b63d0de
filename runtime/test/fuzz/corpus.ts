import { CORE_SCHEMA, loadAll } from 'js-yaml';
import { checkResource } from '../../../imports/checks';
import type { Schema } from '../../../imports/checks/schema';
import type { Resource } from '../../src/model/resource';
import { parseObject } from '../../src/source';
import { findCases } from '../cases/case';
import type { Case } from '../cases/case';
import { asMeshConfig } from '../cases/mutation';
import type { Manifest } from '../cases/mutation';
import { schemaOfObject } from './schema';

/** A case whose objects are all valid, and those of them that can be mutated. */
export interface Sample extends Case {
  readonly objects: readonly Resource[];
  readonly targets: readonly Target[];
  /** Names, hosts and the like of these objects: what a mutant must name to mean something. */
  readonly words: readonly string[];
}

export interface Target {
  readonly index: number;
  readonly schema: Schema;
}

/** The inputs of all cases: every feature that we handle stands in some of them. */
export function readCorpus(): Sample[] {
  return findCases().flatMap((one): Sample[] => {
    const objects = (loadAll(one.input, null, { schema: CORE_SCHEMA }) as (Resource | null)[])
      .filter((object) => object !== null).map(named).map((object) => asMeshConfig(object as Manifest) as Resource);
    const targets = objects.flatMap((object, index) => targetOf(object, index));
    const valid = objects.every((object) => checkResource(object).every(({ rule }) => rule === 'unknown-field'));
    return targets.length > 0 && valid ? [{ ...one, objects, targets, words: [...new Set(objects.flatMap(wordsOf))] }] : [];
  });
}

/**
 * An EnvoyFilter is Envoy's own configuration: what Envoy refuses of it becomes a Problem when it says so, and is no promise of ours.
 */
function targetOf(object: Resource, index: number): Target[] {
  const schema = object.kind === 'EnvoyFilter' ? undefined : schemaOfObject(object);
  return schema ? [{ index, schema }] : [];
}

/** What the file source adds. */
function named(object: Resource): Resource {
  const parsed = parseObject(object, { kind: object.kind, namespace: '', name: '' });
  if (!('apiVersion' in parsed)) {
    throw new Error(parsed.message);
  }
  return parsed;
}

function wordsOf(value: unknown): string[] {
  if (typeof value === 'string') {
    return value.length < 80 ? [value] : [];
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(wordsOf) : [];
}
