import type { Place as PlaceType } from '../../model/place';
import { Place } from '../../model/place';
import type { Problem } from '../../model/problem';
import type { Resource } from '../../model/resource';
import type { ResourceMap } from '../../model/snapshot';
import type { ListChange } from '../list-change';
import { changeOf } from '../list-change';

/** All objects of a kind, read. */
export interface Reading<T> {
  readonly values: readonly T[];
  readonly problems: readonly Problem[];
}

/** Reads one object. Nothing may come out (a broken one), or several things (a ServiceEntry with several hosts). */
export type ReadObject<T> = (resource: Resource, place: PlaceType) => readonly T[];

/**
 * Reads the objects of one kind, each of them once: what comes out for an unchanged object is the same as before, and for an unchanged
 * map the same list.
 */
export class KindReader<T> {
  private readonly objects = new WeakMap<Resource, Reading<T>>();
  private readonly maps = new WeakMap<ResourceMap, Reading<T>>();
  private latest?: { readonly resources: readonly Resource[]; readonly reading: Reading<T> };

  public constructor(
    private readonly readObject: ReadObject<T>,
    private readonly order?: (a: T, b: T) => number,
  ) {}

  public read(resources: ResourceMap): Reading<T> {
    let reading = this.maps.get(resources);
    if (!reading) {
      reading = this.readAll(resources);
      this.maps.set(resources, reading);
    }
    return reading;
  }

  /** Reads what is not read yet, object by object: others may have their turn in between. */
  public * prepare(resources: ResourceMap): Generator<void> {
    for (const resource of this.maps.has(resources) ? [] : resources.values()) {
      if (!this.objects.has(resource)) {
        this.readOne(resource);
        yield;
      }
    }
  }

  private readAll(map: ResourceMap): Reading<T> {
    const resources = [...map.values()];
    const reading = this.readEdited(resources) ?? this.readEach(resources);
    this.latest = { resources, reading };
    return reading;
  }

  /** Most often one object has changed, which is read to one thing that stands where the one before stood. */
  private readEdited(resources: readonly Resource[]): Reading<T> | undefined {
    const { latest } = this;
    const { gone, come } = latest ? changeOf(latest.resources, resources) : NO_CHANGE;
    if (!latest || gone.length !== 1 || come.length !== 1) {
      return undefined;
    }
    const [before, after] = [this.readOne(gone[0]), this.readOne(come[0])];
    if (before.problems.length + after.problems.length > 0 || before.values.length !== after.values.length || after.values.length > 1) {
      return undefined;
    }
    const stays = before.values.every((one, i) => !this.order || this.order(one, after.values[i]) === 0);
    const values = latest.reading.values;
    return stays ? { values: after.values.length === 0 ? values : replaced(values, before.values[0], after.values[0]), problems: latest.reading.problems } : undefined;
  }

  private readEach(resources: readonly Resource[]): Reading<T> {
    const values: T[] = [];
    const problems: Problem[] = [];
    for (const resource of resources) {
      const one = this.readOne(resource);
      one.values.forEach((value) => values.push(value));
      one.problems.forEach((problem) => problems.push(problem));
    }
    return { values: this.order ? values.sort(this.order) : values, problems };
  }

  private readOne(resource: Resource): Reading<T> {
    let reading = this.objects.get(resource);
    if (!reading) {
      const problems: Problem[] = [];
      reading = { values: readSafely(resource, this.readObject, problems), problems };
      this.objects.set(resource, reading);
    }
    return reading;
  }
}

const NO_CHANGE: ListChange<Resource> = { gone: [], come: [] };

function replaced<T>(values: readonly T[], before: T, after: T): readonly T[] {
  const all = [...values];
  all[all.indexOf(before)] = after;
  return all;
}

/** Schemas are checked before, but nothing that a user writes may stop the control plane. */
function readSafely<T>(resource: Resource, readObject: ReadObject<T>, problems: Problem[]): readonly T[] {
  const { namespace, name } = resource.metadata;
  const place = Place.of({ kind: resource.kind, namespace, name }, problems);
  try {
    return readObject(resource, place);
  } catch (error) {
    place.problem(`cannot be read (${(error as Error).message}): compare it with the reference of ${resource.kind}`);
    return [];
  }
}
