/** Labels of a pod or a workload entry. */
export type Labels = Readonly<Record<string, string>>;

/** Whether all labels of the selector are there; an empty selector selects everything. */
export function selects(selector: Labels, labels: Labels): boolean {
  return Object.keys(selector).every((name) => labels[name] === selector[name]);
}

/** Who may see an object: namespaces, `*` for everybody. An object without `exportTo` is visible everywhere. */
export type ExportTo = ReadonlySet<string> | undefined;

export function visibleTo(exportTo: ExportTo, namespace: string): boolean {
  return exportTo === undefined || exportTo.has('*') || exportTo.has(namespace);
}
