import type { ExportTo } from '../../model/workload';
import { ObjectCache } from '../cache';
import { readExportTo } from './export-to';

interface Exported {
  readonly namespace: string;
  readonly exportTo: ExportTo;
}

/** Gives objects that do not say who may see them what MeshConfig says of such (`defaultServiceExportTo` and its like). */
export class DefaultVisibility<T extends Exported> {
  private readonly lists = new ObjectCache<readonly T[], readonly T[]>(2);
  private readonly objects = new ObjectCache<T, T>(2);

  public of(list: readonly T[], exportedTo: readonly string[] | undefined): readonly T[] {
    return exportedTo ? this.lists.get(list, [exportedTo], () => list.map((one) => this.exported(one, exportedTo))) : list;
  }

  private exported(one: T, exportedTo: readonly string[]): T {
    return one.exportTo ? one : this.objects.get(one, [exportedTo], () => ({ ...one, exportTo: readExportTo(exportedTo, one.namespace) }));
  }
}
