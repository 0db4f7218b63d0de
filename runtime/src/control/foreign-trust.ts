import type { KeySet, KeySource } from '../model/key-set';
import { ROOT_NAMESPACE, type ForeignRoots } from '../model/mesh';
import type { Problem } from '../model/problem';
import { parseBundle } from '../source/keys';

/** Where fetched bundles are kept. */
export interface Bundles {
  want(sources: readonly KeySource[]): void;
  readonly sets: readonly KeySet[];
}

export interface ForeignTrustOptions {
  readonly bundles: Bundles;
  /** @param roots PEM; empty: nobody of another mesh is trusted */
  readonly publish: (roots: string) => void;
}

/** As long as istiod waits for one. */
const TIMEOUT_MS = 10_000;
const RESOURCE = { kind: 'ConfigMap', namespace: ROOT_NAMESPACE, name: 'istio' } as const;

/**
 * The roots of others, apart from those of the mesh: by the latter agents verify the control plane too, in whose name nobody else is to speak.
 */
export class ForeignTrust {
  private wanted: ForeignRoots = { pems: [], bundles: [] };
  private published: string | undefined;

  public constructor(private readonly options: ForeignTrustOptions) {}

  public update(wanted: ForeignRoots): void {
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.options.bundles.want(wanted.bundles.map((uri) => ({ uri, issuer: '', timeout: TIMEOUT_MS })));
    this.refresh();
  }

  /** A bundle is there, or another one. */
  public refresh(): void {
    const { pems, bundles } = this.wanted;
    const sets = bundles.map((uri) => this.options.bundles.sets.find((set) => set.uri === uri));
    // What a control plane before this one has published counts until it is known anew.
    if (sets.includes(undefined)) return;
    const text = [...new Set([...pems, ...sets.flatMap((set) => parseBundle(set?.jwks ?? ''))])].join('');
    if (text === this.published) return;
    this.published = text;
    this.options.publish(text);
  }

  public problems(): readonly Problem[] {
    return this.options.bundles.sets.flatMap(({ uri, jwks, fault }) => (fault === undefined ? [] : [{
      resource: RESOURCE, path: 'data.mesh.caCertificates',
      message: `the bundle at ${uri} cannot be fetched: ${fault}; ${jwks === undefined ? 'nobody is trusted by it until then' : 'what it said before counts'}`,
      ...(jwks === undefined ? {} : { severity: 'warning' as const }),
    }]));
  }
}
