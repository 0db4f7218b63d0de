import type { ExportTo } from '../../model/workload';

/** `.` is the object's own namespace, `*` everybody, `~` nobody, whoever else is named besides. */
export function readExportTo(names: readonly string[] | undefined, namespace: string): ExportTo {
  if (names === undefined || names.length === 0) {
    return undefined;
  }
  return new Set(names.includes('~') && !names.includes('*') ? ['~'] : names.map((name) => (name === '.' ? namespace : name)));
}
