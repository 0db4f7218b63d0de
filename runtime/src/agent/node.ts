import { readProxyConfig, withProxyMetadata } from './proxy-config';

/** What identifies a proxy to the control plane: Envoy's node. */
export interface ProxyNode {
  readonly id: string;
  readonly cluster: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly locality?: { readonly region: string; readonly zone: string; readonly subZone: string };
}

export interface NodeOptions {
  readonly type: 'sidecar' | 'router';
  /** The environment of the container `istio-proxy`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The pod's. */
  readonly labels: Readonly<Record<string, string>>;
  /** The pod's. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Flag `--domain`. @default the namespace's: `bookinfo.svc.cluster.local` */
  readonly domain?: string;
}

const META = 'ISTIO_META_';

/** The node, with the metadata that Istio's agent would send. */
export function readNode({ type, env, labels: given, annotations, domain }: NodeOptions): ProxyNode {
  const { POD_NAME: name = 'proxy', POD_NAMESPACE: namespace = 'default', INSTANCE_IP: address = '127.0.0.1' } = env;
  const config = readProxyConfig(env, annotations);
  const labels = { ...given, ...jsonLabels(withProxyMetadata(env, config).ISTIO_METAJSON_LABELS) };
  const metadata: Record<string, unknown> = {
    ...metaVariables(withProxyMetadata(env, config)),
    NAME: name,
    NAMESPACE: namespace,
    INSTANCE_IPS: address,
    SERVICE_ACCOUNT: env.SERVICE_ACCOUNT ?? 'default',
    LABELS: labels,
    ANNOTATIONS: annotations,
    PROXY_CONFIG: config,
    ENVOY_PROMETHEUS_PORT: 15090,
    ENVOY_STATUS_PORT: 15021,
  };
  const workload = labels.app ?? labels['app.kubernetes.io/name'] ?? (metadata.WORKLOAD_NAME as string | undefined) ?? 'istio-proxy';
  return {
    id: [type, address, `${name}.${namespace}`, domain ?? `${namespace}.svc.cluster.local`].join('~'),
    cluster: `${workload}.${namespace}`,
    metadata,
    ...localityOf(labels),
  };
}

/** Machines outside of Kubernetes have no files with labels: Istio's `ISTIO_METAJSON_LABELS` has them. What cannot be read counts as empty. */
function jsonLabels(text: string | undefined): Readonly<Record<string, string>> {
  try {
    const labels = JSON.parse(text ?? '{}') as Readonly<Record<string, unknown>>;
    return Object.fromEntries(Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return {};
  }
}

function metaVariables(env: NodeOptions['env']): Record<string, unknown> {
  const variables = Object.entries(env).filter(([name, value]) => name.startsWith(META) && value !== undefined);
  return Object.fromEntries(variables.map(([name, value]) => [name.slice(META.length), value]));
}

/** The label `istio-locality` holds region, zone and sub-zone with dots between, for slashes may not stand in labels. */
function localityOf(labels: Readonly<Record<string, string>>): Pick<ProxyNode, 'locality'> {
  const text = labels['istio-locality'];
  if (!text) return {};
  const [region = '', zone = '', subZone = ''] = text.split(text.includes('/') ? '/' : '.');
  return { locality: { region, zone, subZone } };
}
