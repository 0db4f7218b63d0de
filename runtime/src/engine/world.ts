import { groupKind } from '../model/snapshot';
import { identity, type SourceObject } from '../source/object';

export interface ObjectRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

type Overlay = SourceObject | 'removed';

/** The objects that are wanted now: those of the files, changed by what was applied, removed and scaled since. */
export class World {
  private files: readonly SourceObject[] = [];
  private readonly overlay = new Map<string, Overlay>();

  /** What the files hold now. Changes made since stay on top. */
  public setFiles(objects: readonly SourceObject[]): void {
    this.files = objects;
  }

  public apply(objects: readonly SourceObject[]): void {
    for (const object of objects) {
      this.overlay.set(identity(object.resource), object);
    }
  }

  public remove(ref: ObjectRef): void {
    const found = this.find(ref);
    if (!found) {
      throw new Error(`there is no ${ref.kind} ${ref.name} in namespace ${ref.namespace} to remove`);
    }
    this.overlay.set(identity(found.resource), 'removed');
  }

  public scale({ namespace, name }: { readonly namespace: string; readonly name: string }, replicas: number): void {
    const found = ['Deployment', 'StatefulSet'].map((kind) => this.find({ kind, namespace, name })).find(Boolean);
    if (!found) {
      throw new Error(`there is no Deployment or StatefulSet ${name} in namespace ${namespace} to scale`);
    }
    const { resource, origin } = found;
    this.apply([{ resource: { ...resource, spec: { ...resource.spec as object, replicas } }, origin }]);
  }

  /** Back to the files. */
  public reset(): void {
    this.overlay.clear();
  }

  /** Where an object was written. */
  public originOf(ref: ObjectRef): SourceObject['origin'] {
    return this.find(ref)?.origin;
  }

  public objects(): SourceObject[] {
    return [...this.wanted().values()];
  }

  private find({ kind, namespace, name }: ObjectRef): SourceObject | undefined {
    return [...this.wanted().values()].find(({ resource }) => {
      const { metadata } = resource;
      const named = resource.kind === kind || groupKind(resource.apiVersion, resource.kind) === kind;
      return named && metadata.name === name && (metadata.namespace === namespace || metadata.namespace === '');
    });
  }

  private wanted(): Map<string, SourceObject> {
    const wanted = new Map(this.files.map((object) => [identity(object.resource), object]));
    for (const [key, object] of this.overlay) {
      if (object === 'removed') {
        wanted.delete(key);
      } else {
        wanted.set(key, object);
      }
    }
    return wanted;
  }
}
