import { injectGateway, injectSidecar, RUNTIME_IMAGE, type SidecarPodTemplate, type SidecarWorkload } from './sidecar';

/** Options of {@link MeshRuntime.istio}. */
export interface IstioRuntimeOptions {
  /**
   * The revision of Istio whose injector takes the pods; namespaces get the label `istio.io/rev`.
   * @default none: namespaces get the label `istio-injection: enabled`
   */
  readonly revision?: string;
  /**
   * The ConfigMap that istiod reads beside its own MeshConfig, as its environment variable `SHARED_MESH_CONFIG` says. An ExternalAuthorizer is
   * written there.
   * @default none: authorizers must stand in the MeshConfig of whoever installed Istio
   */
  readonly sharedMeshConfig?: string;
}

/** Options of {@link MeshRuntime.bundled}. */
export interface BundledRuntimeOptions {
  /**
   * The image of the runtime: control plane, sidecar and gateway in one.
   * @default the image of this release
   */
  readonly image?: string;
  /**
   * When a node pulls the image.
   * @default Kubernetes' own rule
   */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
}

/** What proxies of a mesh must know of it. @internal */
export interface ProxyHome {
  readonly controlPlaneNamespace: string;
  /** The first part of their identities: an authority refuses who asks for a name of another one. */
  readonly trustDomain: string;
}

/** What turns the mesh's resources into running proxies. The Istio resources are the same, byte for byte, whichever is chosen. */
export abstract class MeshRuntime {
  /** The runtime of this project: control plane and sidecars are part of the output. */
  public static bundled(options: BundledRuntimeOptions = {}): MeshRuntime {
    return new BundledRuntime(options);
  }

  /**
   * An Istio that is installed in the cluster: nothing of ours is in the output, namespaces are labelled for its injector.
   *
   * @example
   * new Mesh(chart, 'mesh', { runtime: MeshRuntime.istio({ revision: 'stable' }) });
   */
  public static istio(options: IstioRuntimeOptions = {}): MeshRuntime {
    return new IstioRuntime(options);
  }

  /** Which runtime it is. */
  public abstract readonly kind: 'bundled' | 'istio';
  /** The image of the control plane; undefined if it is not part of the output. @internal */
  public abstract readonly controlPlane?: BundledRuntimeOptions;
  /** The ConfigMap where an Istio of somebody else finds what only MeshConfig can say. @internal */
  public get sharedMeshConfig(): string | undefined {
    return undefined;
  }

  /** Labels of the mesh's namespaces. @internal */
  public abstract namespaceLabels(): Readonly<Record<string, string>>;
  /** The pods of a service's version. @internal */
  public abstract sidecar(template: SidecarPodTemplate, workload: SidecarWorkload, home: ProxyHome): SidecarPodTemplate;
  /** The pods of a gateway, whose one container is called `istio-proxy`. @internal */
  public abstract gateway(template: SidecarPodTemplate, workload: SidecarWorkload, home: ProxyHome): SidecarPodTemplate;
}

class BundledRuntime extends MeshRuntime {
  public readonly kind = 'bundled';

  public constructor(public readonly controlPlane: BundledRuntimeOptions) {
    super();
  }

  public namespaceLabels(): Readonly<Record<string, string>> {
    return {};
  }

  public sidecar(template: SidecarPodTemplate, workload: SidecarWorkload, home: ProxyHome): SidecarPodTemplate {
    return injectSidecar(template, this.options(workload, home));
  }

  public gateway(template: SidecarPodTemplate, workload: SidecarWorkload, home: ProxyHome): SidecarPodTemplate {
    return injectGateway(template, this.options(workload, home));
  }

  private options(workload: SidecarWorkload, { controlPlaneNamespace, trustDomain }: ProxyHome) {
    return {
      workload,
      image: this.controlPlane.image ?? RUNTIME_IMAGE,
      imagePullPolicy: this.controlPlane.imagePullPolicy,
      controlPlaneAddress: `istiod.${controlPlaneNamespace}.svc:15012`,
      trustDomain,
    };
  }
}

class IstioRuntime extends MeshRuntime {
  public readonly kind = 'istio';
  public readonly controlPlane = undefined;

  public constructor(private readonly options: IstioRuntimeOptions) {
    super();
  }

  public override get sharedMeshConfig(): string | undefined {
    return this.options.sharedMeshConfig;
  }

  public namespaceLabels(): Readonly<Record<string, string>> {
    const { revision } = this.options;
    return revision === undefined ? { 'istio-injection': 'enabled' } : { 'istio.io/rev': revision };
  }

  public sidecar(template: SidecarPodTemplate): SidecarPodTemplate {
    return template;
  }

  public gateway(template: SidecarPodTemplate): SidecarPodTemplate {
    const { metadata } = template;
    return {
      ...template,
      metadata: {
        ...metadata,
        annotations: { ...metadata?.annotations, 'inject.istio.io/templates': 'gateway' },
        labels: { ...metadata?.labels, 'sidecar.istio.io/inject': 'true' },
      },
    };
  }
}
