import type { MeshConfigSpecDefaultConfigConnectionSettings } from '../../../imports/istio/mesh-config.types';
import { isRecord, recordOf } from '../model/parsed-value';

/**
 * What of Istio's ProxyConfig (MeshConfig's `defaultConfig`, the annotation `proxy.istio.io/config`, `PROXY_CONFIG` of a proxy) is known here;
 * https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig
 */
export interface MeshProxyConfig {
  readonly concurrency?: number;
  /** Authorities that the proxy trusts beside those of the mesh. */
  readonly caCertificatesPem?: readonly string[];
  readonly proxyMetadata?: Readonly<Record<string, string>>;
  readonly image?: { readonly imageType?: string };
  readonly drainDuration?: string;
  readonly terminationDrainDuration?: string;
  readonly holdApplicationUntilProxyStarts?: boolean;
  readonly gatewayTopology?: {
    readonly numTrustedProxies?: number;
    readonly forwardClientCertDetails?: string;
    readonly proxyProtocol?: object;
  };
  readonly proxyHeaders?: MeshProxyHeaders;
  readonly connectionSettings?: MeshConfigSpecDefaultConfigConnectionSettings;
}

export interface MeshProxyHeaders {
  readonly forwardedClientCert?: string;
  readonly setCurrentClientCertDetails?: Readonly<Partial<Record<'subject' | 'cert' | 'chain' | 'dns' | 'uri', boolean>>>;
  readonly requestId?: { readonly disabled?: boolean };
  readonly server?: { readonly disabled?: boolean; readonly value?: string };
  readonly envoyDebugHeaders?: { readonly disabled?: boolean };
  readonly xForwardedPort?: { readonly enabled?: boolean };
  readonly xForwardedHost?: { readonly enabled?: boolean };
  readonly attemptCount?: { readonly disabled?: boolean };
  readonly preserveHttp1HeaderCase?: boolean;
}

/** One over the other, field by field, as Istio merges them; a list is one value. */
export function mergeProxyConfig(under: MeshProxyConfig, over: MeshProxyConfig): MeshProxyConfig {
  return mergeObjects(under as Fields, over as Fields);
}

type Fields = Readonly<Record<string, unknown>>;

function mergeObjects(under: Fields, over: Fields): Fields {
  const merged = new Map(Object.entries(under));
  for (const [name, value] of Object.entries(over)) {
    const before = merged.get(name);
    merged.set(name, isRecord(before) && isRecord(value) ? mergeObjects(before, value) : value);
  }
  return Object.fromEntries(merged);
}

/** The object itself where it is one; every other thing counts as empty. */
export function asProxyConfig(value: unknown): MeshProxyConfig {
  return recordOf(value);
}
