import { readMesh } from '../compile';
import { Cluster, type SourceObject } from '../source';

/** The first part of the identities of a mesh, as its MeshConfig among these objects says. */
export function trustDomainOf(objects: readonly SourceObject[]): string {
  const cluster = new Cluster();
  cluster.replace(objects);
  return readMesh(cluster.snapshot()).settings.trustDomain;
}
