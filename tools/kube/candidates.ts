import { loadAll } from 'js-yaml';
import { checkedKinds } from '../../imports/checks';
import type { Resource } from '../../runtime/src/model/resource';
import { groupKind } from '../../runtime/src/model/snapshot';
import { GATEWAY_API_KINDS } from '../../runtime/src/gateway-api';
import { ISTIO_KINDS } from '../../runtime/src/istio';
import { readCorpus } from '../../runtime/test/fuzz/corpus';
import { Mutator } from '../../runtime/test/fuzz/mutate';
import { Random } from '../../runtime/test/fuzz/random';
import { schemaOfObject } from '../../runtime/test/fuzz/schema';
import { readValidationSuite } from '../../test/imports/validation-suite';

/** An object that our checks and the server are to be asked about. */
export interface Candidate {
  readonly name: string;
  readonly object: Resource;
}

/** The objects of the suite, where its folder exists. */
export function suiteCandidates(folder: string): Candidate[] {
  const suite = readValidationSuite(folder) ?? [];
  return suite.flatMap(({ name, yaml }) => (loadAll(yaml) as (Resource | null)[]).flatMap((object) => (object ? [{ name: `suite: ${name}`, object }] : [])));
}

/** Objects of the cases and empty ones of every kind, with what no server may take and what it must. */
export function mutatedCandidates(count: number, seed: number): Candidate[] {
  const random = new Random(seed);
  const originals = [...caseObjects(), ...emptyObjects()];
  return Array.from({ length: count }, (_, i) => {
    const { object, words } = random.pick(originals);
    const schema = schemaOfObject(object)!;
    let mutant = object;
    // An empty object needs more than one stroke to become something.
    for (let strokes = object.spec === undefined ? 1 + random.below(6) : 1; strokes > 0; strokes--) {
      mutant = new Mutator(random, words).mutate(mutant, schema);
    }
    return { name: `mutant ${i} of seed ${seed}`, object: { ...mutant, metadata: { name: 'candidate' } } as Resource };
  });
}

interface Original {
  readonly object: Resource;
  readonly words: readonly string[];
}

function caseObjects(): Original[] {
  const kinds = new Set(checkedKinds().filter(isDefined));
  return readCorpus().flatMap(({ objects, words }) => objects.filter(({ apiVersion, kind }) => kinds.has(groupKind(apiVersion, kind))).map((object) => ({ object, words })));
}

function emptyObjects(): Original[] {
  return checkedKinds().filter(isDefined).map((name): Original => {
    const [group, kind] = name.split('/');
    const version = ISTIO_KINDS.get(name) ?? GATEWAY_API_KINDS.get(name) ?? 'v1';
    return { object: { apiVersion: `${group}/${version}`, kind, metadata: { name: 'candidate', namespace: 'default' } }, words: ['a', 'web', 'v1', 'https://a.example'] };
  });
}

/** MeshConfig stands as text in a ConfigMap: no server checks it. */
function isDefined(name: string): boolean {
  return !name.startsWith('mesh.istio.io/');
}
