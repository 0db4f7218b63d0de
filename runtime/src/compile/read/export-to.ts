import type { Resource } from '../../model/resource';
import type { ResourceRef } from '../../model/problem';
import type { ExportTo } from '../../model/workload';

/** `.` is the object's own namespace, `*` everybody, `~` nobody, whoever else is named besides. */
export function readExportTo(names: readonly string[] | undefined, namespace: string): ExportTo {
  if (names === undefined || names.length === 0) {
    return undefined;
  }
  return new Set(names.includes('~') && !names.includes('*') ? ['~'] : names.map((name) => (name === '.' ? namespace : name)));
}

export function refOf(resource: Resource): ResourceRef {
  return { kind: resource.kind, namespace: resource.metadata.namespace, name: resource.metadata.name };
}
