import type { Resource } from '../../model/resource';
import type { ResourceRef } from '../../model/problem';
import type { ExportTo } from '../../model/workload';

/** `.` is the object's own namespace, `*` everybody, `~` nobody. */
export function readExportTo(names: readonly string[] | undefined, namespace: string): ExportTo {
  return names === undefined || names.length === 0 ? undefined : new Set(names.map((name) => (name === '.' ? namespace : name)));
}

export function refOf(resource: Resource): ResourceRef {
  return { kind: resource.kind, namespace: resource.metadata.namespace, name: resource.metadata.name };
}
