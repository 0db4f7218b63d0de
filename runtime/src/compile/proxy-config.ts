import type { MeshProxyConfig } from '../istio';
import { asProxyConfig, mergeProxyConfig } from '../istio';
import type { Mesh } from '../model/mesh';
import { Place } from '../model/place';
import type { Problem } from '../model/problem';
import type { Proxy } from '../model/proxy';
import type { ProxySettings } from '../model/proxy-settings';
import { selects } from '../model/workload';
import { InputCache, ObjectCache } from './cache';
import { parseProxyConfig } from './read/mesh-config-text';
import { readProxySettings } from './read/proxy-settings';

const ANNOTATION = 'proxy.istio.io/config';

export interface EffectiveSettings {
  readonly settings: ProxySettings;
  readonly problems: readonly Problem[];
}

/**
 * What holds for one proxy, out of all places where it may be written: what the proxy was started with, MeshConfig, the ProxyConfigs of the
 * root namespace and of the proxy's own, the annotation of its pod, the ProxyConfig that selects it. Later ones win, field by field, as in
 * https://istio.io/latest/docs/reference/config/networking/proxy-config/
 */
export class ProxyConfigs {
  private readonly found = new ObjectCache<Proxy, EffectiveSettings>(2);
  private readonly equal = new InputCache<ProxySettings>(1);
  private readonly meshes = new ObjectCache<Mesh['settings'], Mesh['settings']>();

  public of(mesh: Mesh, proxy: Proxy): EffectiveSettings {
    const { settings: { defaultConfig }, proxyConfigs } = mesh;
    return this.found.get(proxy, [defaultConfig, proxyConfigs], () => this.find(mesh, proxy));
  }

  /** The settings of the mesh with those of the proxy in them: the same object for all proxies for which they are the same. */
  public meshSettings({ settings }: Mesh, own: ProxySettings): Mesh['settings'] {
    return settings.proxy === own ? settings : this.meshes.get(settings, [own], () => ({ ...settings, proxy: own }));
  }

  private find(mesh: Mesh, proxy: Proxy): EffectiveSettings {
    const problems: Problem[] = [];
    const place = Place.of({ kind: 'Pod', namespace: proxy.namespace, name: proxy.name }, problems).at(`metadata.annotations[${ANNOTATION}]`);
    const merged = effectiveConfig(mesh, proxy, place);
    // Of equal settings one object stands for all, so that what is made of them is shared.
    const settings = readProxySettings(merged, place);
    const key = JSON.stringify(settings);
    // Without an annotation nothing of this is about the pod: whoever wrote it has been told there.
    const own = isAnnotated(proxy) ? problems : [];
    return { settings: key === JSON.stringify(mesh.settings.proxy) ? mesh.settings.proxy : this.equal.get(key, [], () => settings), problems: own };
  }
}

/** Of a pod, for whatever starts its proxy and for whatever configures it. */
export function effectiveConfig(
  { settings: { defaultConfig, rootNamespace }, proxyConfigs }: Pick<Mesh, 'settings' | 'proxyConfigs'>,
  { namespace, labels, metadata }: Pick<Proxy, 'namespace' | 'labels' | 'metadata'>,
  place: Place,
): MeshProxyConfig {
  const general = (of: string) => proxyConfigs.find((one) => one.namespace === of && !one.selector)?.config;
  const selected = proxyConfigs.find((one) => one.namespace === namespace && one.selector && selects(one.selector, labels));
  const annotation = (metadata.ANNOTATIONS as Readonly<Record<string, unknown>> | undefined)?.[ANNOTATION];
  const layers = [
    metadata.PROXY_CONFIG,
    defaultConfig,
    general(rootNamespace),
    namespace === rootNamespace ? undefined : general(namespace),
    typeof annotation === 'string' ? parseProxyConfig(annotation, place) : undefined,
    selected?.config,
  ];
  const merged = layers.reduce<MeshProxyConfig>((under, over) => mergeProxyConfig(under, asProxyConfig(over)), {});
  return mergeProxyConfig({ proxyMetadata: metaOf(metadata) }, merged);
}

function isAnnotated({ metadata }: Proxy): boolean {
  return (metadata.ANNOTATIONS as Readonly<Record<string, unknown>> | undefined)?.[ANNOTATION] !== undefined;
}

/** What the proxy says of itself was `ISTIO_META_…` in its environment. */
function metaOf(metadata: Proxy['metadata']): Readonly<Record<string, string>> {
  return Object.fromEntries(['HTTP10', 'IDLE_TIMEOUT'].flatMap((name) =>
    (typeof metadata[name] === 'string' ? [[`ISTIO_META_${name}`, metadata[name]]] : [])));
}
