import { ROOTS_FILE, type CaFiles } from '../ca';
import { ApiError, followObjects, pathIn, type ApiObject, type KubernetesApi } from '../kubernetes/api';

type Log = (level: 'info' | 'warn', event: object, message: string) => void;
type Objects = ReadonlyMap<string, ApiObject>;

/** What pods mount to verify the control plane and each other. */
const ROOTS_CONFIG_MAP = 'istio-ca-root-cert';
/** Namespaces of Kubernetes itself have no workloads of a mesh, as in Istio (pkg/kube/inject, IgnoredNamespaces). */
const IGNORED: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage']);
const SOON_MS = 20;
/** What somebody else has written is looked at after a moment: another control plane may have heard of a new root before this one. */
const FOREIGN_MS = 1_000;
const RETRY_MS = 5_000;

/** The mesh's roots in a ConfigMap of every namespace, as istiod keeps them (pilot/pkg/serviceregistry/kube/controller/namespacecontroller.go). */
export class RootConfigMaps {
  private namespaces: Objects | undefined;
  private maps: Objects | undefined;
  private readonly wanted = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;
  private due = Infinity;
  private work: Promise<void> = Promise.resolve();
  private closed = false;
  private readonly ends: readonly (() => void)[];

  constructor(private readonly api: KubernetesApi, private readonly log: Log) {
    const follow = (path: string, name: string | undefined, onChange: (objects: Objects) => void) => followObjects(api, {
      path, ...(name === undefined ? {} : { name }), onChange, onFault: (reason) => log('warn', { reason }, 'cannot follow where workloads look for roots'),
    });
    this.ends = [
      follow('/api/v1/namespaces', undefined, (objects) => {
        this.namespaces = objects;
        this.schedule(SOON_MS);
      }),
      follow('/api/v1/configmaps', ROOTS_CONFIG_MAP, (objects) => {
        this.maps = objects;
        this.schedule(FOREIGN_MS);
      }),
    ];
  }

  /** @param files PEM by the names of entries; the others stay as they are */
  publish(files: CaFiles): void {
    for (const [name, text] of files) this.wanted.set(name, text);
    this.schedule(SOON_MS);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.ends.forEach((end) => end());
  }

  private schedule(delay: number): void {
    const due = Date.now() + delay;
    if (this.closed || due >= this.due) return;
    this.due = due;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.due = Infinity;
      this.work = this.work.then(() => this.write());
    }, delay);
    this.timer.unref();
  }

  private async write(): Promise<void> {
    const { namespaces, maps, wanted } = this;
    if (!namespaces || !maps || !wanted.has(ROOTS_FILE)) return;
    for (const { metadata: { name, deletionTimestamp } } of [...namespaces.values()]) {
      const map = maps.get(`${name}/${ROOTS_CONFIG_MAP}`);
      if (this.closed || IGNORED.has(name) || deletionTimestamp || this.isWanted(map)) continue;
      await this.put(name, map).catch((error: unknown) => this.failed(name, error));
    }
  }

  /** An entry that says nothing may be missing. */
  private isWanted(map: ApiObject | undefined): boolean {
    return map !== undefined && [...this.wanted].every(([name, text]) => (map.data?.[name] ?? '') === text);
  }

  private async put(namespace: string, map: ApiObject | undefined): Promise<void> {
    const path = pathIn(namespace, 'configmaps', map && ROOTS_CONFIG_MAP);
    const metadata = map?.metadata ?? { name: ROOTS_CONFIG_MAP, namespace, labels: { 'istio.io/config': 'true' } };
    const files = [...this.wanted].filter(([name, text]) => text !== '' || map?.data?.[name] !== undefined);
    const body: ApiObject = { ...map, apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { ...map?.data, ...Object.fromEntries(files) } };
    await this.api.send({ method: map ? 'PUT' : 'POST', path, body });
  }

  /** Somebody was faster, or the namespace is going: what is followed tells. */
  private failed(namespace: string, error: unknown): void {
    this.schedule(RETRY_MS);
    if (error instanceof ApiError && (error.status === 409 || error.status === 404)) return;
    this.log('warn', { namespace, reason: error instanceof Error ? error.message : String(error) }, `cannot write ConfigMap ${ROOTS_CONFIG_MAP}`);
  }
}
