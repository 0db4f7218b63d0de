import { CA_FILES, ServiceAccountTokens, type Authenticator, type AuthorityPlace, type CaFiles, type RootKeep } from '../ca';
import { followObjects, KeptSecret, pathIn, reviewToken, textsOf, type KubernetesApi } from '../kubernetes/api';
import { RootConfigMaps } from './root-config-maps';

export interface ClusterAuthorityOptions {
  readonly api: KubernetesApi;
  /** Of the control plane: its Secrets are here. */
  readonly namespace: string;
  /** What callers of this cluster call it. */
  readonly clusterId: string;
  readonly log: (level: 'info' | 'warn', event: object, message: string) => void;
}

/** Names and type are istiod's, so that what it has made is taken over (security/pkg/pki/ca/ca.go). */
const OWN_ROOT = { name: 'istio-ca-secret', type: 'istio.io/ca-root' };
const PLUGGED_IN = 'cacerts';

/** What the mesh's authority needs of Kubernetes: Secrets for its key, ConfigMaps for its roots, and the API server's word for tokens. */
export class ClusterAuthority {
  public readonly place: AuthorityPlace;
  public readonly authenticators: readonly Authenticator[];
  private readonly roots: RootConfigMaps;

  public constructor(private readonly options: ClusterAuthorityOptions) {
    const { api, namespace, clusterId, log } = options;
    this.roots = new RootConfigMaps(api, log);
    this.place = { keep: new SecretKeep(api, namespace), publish: (files) => this.roots.publish(files) };
    this.authenticators = [new ServiceAccountTokens(new Map([[clusterId, { review: (spec) => reviewToken(api, spec) }]]))];
  }

  /** Tells of the Secret that an operator has put beside the control plane, or that there is none. */
  public followSecret(onChange: (files: CaFiles | undefined) => void): () => void {
    const { api, namespace, log } = this.options;
    let told: string | undefined;
    return followObjects(api, {
      path: pathIn(namespace, 'secrets'), name: PLUGGED_IN,
      onChange: (objects) => {
        const secret = objects.get(`${namespace}/${PLUGGED_IN}`);
        const files = secret && textsOf(secret);
        const text = JSON.stringify(files && [...files]) ?? 'none';
        if (text === told) return;
        told = text;
        onChange(files);
      },
      onFault: (reason) => log('warn', { reason }, `cannot follow Secret ${PLUGGED_IN}: until it is known whether there is one, nothing is signed`),
    });
  }

  public close(): void {
    this.roots.close();
    this.options.api.close();
  }
}

class SecretKeep implements RootKeep {
  public readonly name: string;
  private readonly secret: KeptSecret;

  public constructor(api: KubernetesApi, namespace: string) {
    this.name = `Secret ${namespace}/${OWN_ROOT.name}`;
    this.secret = new KeptSecret(api, { ...OWN_ROOT, namespace });
  }

  public async read(): Promise<CaFiles> {
    return rootFiles(await this.secret.read());
  }

  /** `key.pem` and `cert-chain.pem` are there and empty, as istiod writes them. */
  public async write(files: CaFiles): Promise<CaFiles> {
    return rootFiles(await this.secret.write(new Map([['cert-chain.pem', ''], ['key.pem', ''], ...files])));
  }
}

/** istiod itself leaves `root-cert.pem` empty: there the certificate of the authority is the root. */
function rootFiles(entries: ReadonlyMap<string, string>): CaFiles {
  const files = new Map([...entries].filter(([name, text]) => CA_FILES.includes(name) && text.trim() !== ''));
  const certificate = files.get('ca-cert.pem');
  return certificate !== undefined && !files.has('root-cert.pem') ? files.set('root-cert.pem', certificate) : files;
}
