import type { KeySet, KeySource } from '../model/key-set';
import { KEY_SETS, keySetName } from '../model/key-set';
import type { Resource } from '../model/resource';
import type { ResourceMap, Snapshot } from '../model/snapshot';
import { resourceKey } from '../model/snapshot';

/** Where fetched keys are kept. */
export interface Keys {
  want(sources: readonly KeySource[]): void;
  readonly sets: readonly KeySet[];
  settled(timeout: number): Promise<void>;
}

/**
 * How long a Snapshot that names an issuer for the first time waits for its keys: without them every token would be refused, and tokens that were
 * not looked at a moment ago deserve better. Configuration of everybody else waits with it, so it is short.
 */
const PATIENCE = 1000;

/** Puts the keys of issuers into Snapshots, where compile finds them: it stays a function of what it is given. */
export class TokenKeys {
  private joined: { readonly sets: readonly KeySet[]; readonly map: ResourceMap } = { sets: [], map: new Map() };
  private readonly resources = new WeakMap<KeySet, Resource>();

  /** `wanted`: what the policies of a Snapshot need. */
  public constructor(private readonly keys: Keys, private readonly wanted: (snapshot: Snapshot) => readonly KeySource[]) {}

  public async join(snapshot: Snapshot): Promise<Snapshot> {
    const first = this.add(snapshot);
    this.keys.want(this.wanted(first));
    await this.keys.settled(PATIENCE);
    return this.keys.sets === this.joined.sets ? first : this.add(snapshot);
  }

  private add(snapshot: Snapshot): Snapshot {
    const { sets } = this.keys;
    if (this.joined.sets !== sets) {
      this.joined = { sets, map: new Map(sets.map((set) => [resourceKey('', keySetName(set)), this.resourceOf(set)])) };
    }
    return sets.length === 0 ? snapshot : { revision: snapshot.revision, kinds: new Map([...snapshot.kinds, [KEY_SETS, this.joined.map]]) };
  }

  private resourceOf(set: KeySet): Resource {
    let resource = this.resources.get(set);
    if (!resource) {
      resource = { apiVersion: KEY_SETS.replace(/\/.*/, '/v1'), kind: 'KeySet', metadata: { namespace: '', name: keySetName(set) }, spec: set };
      this.resources.set(set, resource);
    }
    return resource;
  }
}
