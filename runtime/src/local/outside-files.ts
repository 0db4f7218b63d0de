import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OutsideResources } from './outside-config';

/** Envoy's discovery by files: it takes a file anew when one is moved into its place. */
export class OutsideFiles {
  private readonly written = new Map<string, string>();

  public constructor(private readonly folder: string) {
    mkdirSync(this.workFolder, { recursive: true });
  }

  public get bootstrapFile(): string {
    return join(this.folder, 'bootstrap.json');
  }

  /** Where the bootstrap finds one of the files. */
  public source(file: 'cds.json' | 'lds.json'): object {
    return { path_config_source: { path: join(this.folder, file), watched_directory: { path: this.folder } }, resource_api_version: 'V3' };
  }

  public writeBootstrap(bootstrap: object): void {
    writeFileSync(this.bootstrapFile, JSON.stringify(bootstrap));
  }

  /** Writes what changed, clusters before the listeners that name them. */
  public write({ clusters, listeners }: OutsideResources): { readonly clusterVersion: string; readonly listenerVersion: string } {
    const clusterVersion = this.put('cds.json', 'config.cluster.v3.Cluster', clusters);
    const listenerVersion = this.put('lds.json', 'config.listener.v3.Listener', listeners);
    return { clusterVersion, listenerVersion };
  }

  private put(file: string, type: string, resources: readonly object[]): string {
    const typed = resources.map((resource) => ({ '@type': `type.googleapis.com/envoy.${type}`, ...resource }));
    const version = createHash('sha256').update(JSON.stringify(typed)).digest('hex').slice(0, 16);
    if (this.written.get(file) === version) return version;
    const fresh = join(this.workFolder, file);
    writeFileSync(fresh, JSON.stringify({ version_info: version, resources: typed }));
    renameSync(fresh, join(this.folder, file));
    this.written.set(file, version);
    return version;
  }

  /** A folder that nobody watches. */
  private get workFolder(): string {
    return join(this.folder, 'new');
  }
}
