import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OutsideResources } from './outside-config';

/** Envoy's discovery by files: it takes a file anew when one is moved into its place. */
export class OutsideFiles {
  private readonly written = new Map<string, string>();

  public constructor(private readonly folder: string) {
    mkdirSync(this.endpointFolder, { recursive: true });
    mkdirSync(this.workFolder, { recursive: true });
  }

  public get bootstrapFile(): string {
    return join(this.folder, 'bootstrap.json');
  }

  /** Where a bootstrap or a cluster finds one of the files. */
  public source(file: string): object {
    const path = join(this.folder, file);
    return { path_config_source: { path, watched_directory: { path: join(path, '..') } }, resource_api_version: 'V3' };
  }

  public endpointFile(cluster: string): string {
    return join('eds', `${createHash('sha256').update(cluster).digest('hex').slice(0, 12)}.json`);
  }

  public writeBootstrap(bootstrap: object): void {
    writeFileSync(this.bootstrapFile, JSON.stringify(bootstrap));
  }

  /** Writes what changed: endpoints, then clusters, then listeners, so that nothing names what is not there yet. */
  public write({ endpoints, clusters, listeners }: OutsideResources): { readonly clusterVersion: string; readonly listenerVersion: string } {
    const used = new Set<string>();
    for (const [cluster, assignment] of endpoints) {
      const file = this.endpointFile(cluster);
      used.add(file);
      this.put(file, 'config.endpoint.v3.ClusterLoadAssignment', [assignment]);
    }
    const clusterVersion = this.put('cds.json', 'config.cluster.v3.Cluster', clusters);
    const listenerVersion = this.put('lds.json', 'config.listener.v3.Listener', listeners);
    this.removeUnused(used);
    return { clusterVersion, listenerVersion };
  }

  private put(file: string, type: string, resources: readonly object[]): string {
    const typed = resources.map((resource) => ({ '@type': `type.googleapis.com/envoy.${type}`, ...resource }));
    const version = createHash('sha256').update(JSON.stringify(typed)).digest('hex').slice(0, 16);
    if (this.written.get(file) === version) return version;
    const fresh = join(this.workFolder, 'next.json');
    writeFileSync(fresh, JSON.stringify({ version_info: version, resources: typed }));
    renameSync(fresh, join(this.folder, file));
    this.written.set(file, version);
    return version;
  }

  private removeUnused(used: ReadonlySet<string>): void {
    for (const name of readdirSync(this.endpointFolder)) {
      const file = join('eds', name);
      if (used.has(file)) continue;
      this.written.delete(file);
      rmSync(join(this.folder, file));
    }
  }

  private get endpointFolder(): string {
    return join(this.folder, 'eds');
  }

  /** A folder that nobody watches. */
  private get workFolder(): string {
    return join(this.folder, 'new');
  }
}
