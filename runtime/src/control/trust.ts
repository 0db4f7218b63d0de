import { followCaFolder, MeshAuthority, readCaFolder, type AuthorityMetrics, type AuthoritySettings, type CaFiles, type Trust } from '../ca';
import { secretEntries } from '../compile';
import { ROOT_NAMESPACE } from '../model/mesh';
import type { Problem } from '../model/problem';
import type { Resource } from '../model/resource';
import { resourceKey, resourcesOf, type Snapshot } from '../model/snapshot';

export interface TrustCenterOptions {
  /** Where the authority keeps its own root, and the roots for agents. */
  readonly folder: string;
  /** Where an operator's authority is mounted; without its files there, the Secret `cacerts` counts, and then a root of its own. */
  readonly cacerts?: string;
  readonly settings: AuthoritySettings;
  readonly trustOf: (snapshot: Snapshot) => Trust;
  readonly metrics: AuthorityMetrics;
  readonly log: (level: 'info' | 'warn', event: object, message: string) => void;
  readonly onChange: () => void;
}

const SECRET = { kind: 'Secret', namespace: ROOT_NAMESPACE, name: 'cacerts' } as const;

/** What the mesh's authority stands on, by what the operator has given: a folder, a Secret, or nothing. */
export class TrustCenter {
  public readonly authority: MeshAuthority;
  private current: Trust = { domain: 'cluster.local', aliases: [] };
  private folder: CaFiles | undefined;
  private secret: Resource | undefined;
  private secretFiles: CaFiles | undefined;
  private readonly unfollow: () => void;

  public constructor(private readonly options: TrustCenterOptions) {
    this.authority = new MeshAuthority({ ...options, trust: () => this.current });
    this.folder = filesOf(options.cacerts);
    this.unfollow = options.cacerts === undefined ? () => undefined : followCaFolder(options.cacerts, (files) => {
      // A mount that is gone for a moment takes nothing away.
      this.folder = files.size > 0 ? files : this.folder;
      this.choose();
    });
  }

  public get trust(): Trust {
    return this.current;
  }

  /** Takes what the source knows now. */
  public update(snapshot: Snapshot): Promise<void> {
    this.current = this.options.trustOf(snapshot);
    const secret = resourcesOf(snapshot, '/Secret').get(resourceKey(SECRET.namespace, SECRET.name));
    if (secret !== this.secret) {
      this.secret = secret;
      // One that is taken away changes nothing: workloads trust its root.
      this.secretFiles = secret ? textsOf(secret) : this.secretFiles;
    }
    return this.choose();
  }

  public problems(): readonly Problem[] {
    const resource = this.folder ? { kind: 'Folder', namespace: '', name: this.options.cacerts ?? '' } : SECRET;
    return this.authority.faults.map(({ entry, message }) => ({ resource, path: entry && !this.folder ? `data['${entry}']` : entry, message }));
  }

  public close(): void {
    this.unfollow();
    this.authority.close();
  }

  private choose(): Promise<void> {
    return this.authority.use(this.folder ?? this.secretFiles);
  }
}

function filesOf(folder: string | undefined): CaFiles | undefined {
  const files = folder === undefined ? undefined : readCaFolder(folder);
  return files && files.size > 0 ? files : undefined;
}

function textsOf(secret: Resource): CaFiles {
  return new Map([...secretEntries(secret)].map(([name, bytes]) => [name, Buffer.from(bytes).toString('utf8')]));
}
