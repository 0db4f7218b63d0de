import { FOREIGN_ROOTS_FILE, followCaFolder, MeshAuthority, readCaFolder, type AuthorityMetrics, type AuthorityPlace, type AuthoritySettings, type CaFiles, type Trust } from '../ca';
import { secretEntries } from '../compile';
import { ROOT_NAMESPACE, type ForeignRoots } from '../model/mesh';
import type { Problem } from '../model/problem';
import type { Resource } from '../model/resource';
import { resourceKey, resourcesOf, type Snapshot } from '../model/snapshot';
import { ForeignTrust, type Bundles } from './foreign-trust';

export interface TrustCenterOptions {
  /** Where the authority keeps its own root, and agents hear of roots. */
  readonly place: AuthorityPlace;
  /** Follows the operator's Secret at its API server, and ends that. @default there is none but among the objects of the source */
  readonly followSecret?: (onChange: (files: CaFiles | undefined) => void) => () => void;
  /** Of the Secret. @default 'istio-system' */
  readonly namespace?: string;
  /** Where an operator's authority is mounted; without its files there, the Secret `cacerts` counts, and then a root of its own. */
  readonly cacerts?: string;
  readonly settings: AuthoritySettings;
  readonly trustOf: (snapshot: Snapshot) => Trust & { readonly foreignRoots: ForeignRoots };
  /** Fetched from where other meshes tell their roots. */
  readonly bundles: Bundles;
  readonly metrics: AuthorityMetrics;
  readonly log: (level: 'info' | 'warn', event: object, message: string) => void;
  readonly onChange: () => void;
}

const SECRET = { kind: 'Secret', name: 'cacerts' } as const;

/** What the mesh's authority stands on, by what the operator has given: a folder, a Secret, or nothing. */
export class TrustCenter {
  public readonly authority: MeshAuthority;
  private current: Trust = { domain: 'cluster.local', aliases: [] };
  private folder: CaFiles | undefined;
  private secret: Resource | undefined;
  private secretFiles: CaFiles | undefined;
  /** Whether a source has told what there is; whether the API server has told of the Secret. Before that, a root of its own would be rash. */
  private readonly known: { source: boolean; secret: boolean };
  private readonly foreign: ForeignTrust;
  private readonly ends: readonly (() => void)[];

  public constructor(private readonly options: TrustCenterOptions) {
    const { cacerts, followSecret, place, bundles } = options;
    this.foreign = new ForeignTrust({ bundles, publish: (roots) => place.publish(new Map([[FOREIGN_ROOTS_FILE, roots]])) });
    this.authority = new MeshAuthority({ ...options, trust: () => this.current });
    this.folder = filesOf(cacerts);
    this.known = { source: false, secret: followSecret === undefined };
    this.ends = [
      ...(cacerts === undefined ? [] : [followCaFolder(cacerts, (files) => {
        // A mount that is gone for a moment takes nothing away.
        this.folder = files.size > 0 ? files : this.folder;
        void this.choose();
      })]),
      ...(followSecret ? [followSecret((files) => {
        this.known.secret = true;
        this.takeSecret(files);
        void this.choose();
      })] : []),
    ];
  }

  public get trust(): Trust {
    return this.current;
  }

  /** Takes what the source knows now. */
  public update(snapshot: Snapshot): Promise<void> {
    this.known.source = true;
    const { foreignRoots, ...trust } = this.options.trustOf(snapshot);
    this.current = trust;
    this.foreign.update(foreignRoots);
    const secret = resourcesOf(snapshot, '/Secret').get(resourceKey(this.namespace, SECRET.name));
    if (secret !== this.secret) {
      this.secret = secret;
      this.takeSecret(secret && textsOf(secret));
    }
    return this.choose();
  }

  public problems(): readonly Problem[] {
    return [...this.ownProblems(), ...this.foreign.problems()];
  }

  /** A bundle of another mesh has come, or is another one. */
  public bundlesChanged(): void {
    this.foreign.refresh();
    this.options.onChange();
  }

  private ownProblems(): readonly Problem[] {
    const { cacerts = '', place } = this.options;
    if (!this.authority.isPluggedIn) {
      return this.authority.faults.map(({ entry, message }) => ({ resource: { kind: 'Root', namespace: '', name: place.keep.name }, path: entry, message }));
    }
    const resource = this.folder ? { kind: 'Folder', namespace: '', name: cacerts } : { ...SECRET, namespace: this.namespace };
    return this.authority.faults.map(({ entry, message }) => ({ resource, path: entry && !this.folder ? `data['${entry}']` : entry, message }));
  }

  public close(): void {
    this.ends.forEach((end) => end());
    this.authority.close();
  }

  private get namespace(): string {
    return this.options.namespace ?? ROOT_NAMESPACE;
  }

  /** One that is taken away changes nothing: workloads trust its root. */
  private takeSecret(files: CaFiles | undefined): void {
    this.secretFiles = files ?? this.secretFiles;
  }

  private choose(): Promise<void> {
    return this.known.source && this.known.secret ? this.authority.use(this.folder ?? this.secretFiles) : Promise.resolve();
  }
}

function filesOf(folder: string | undefined): CaFiles | undefined {
  const files = folder === undefined ? undefined : readCaFolder(folder);
  return files && files.size > 0 ? files : undefined;
}

function textsOf(secret: Resource): CaFiles {
  return new Map([...secretEntries(secret)].map(([name, bytes]) => [name, Buffer.from(bytes).toString('utf8')]));
}
