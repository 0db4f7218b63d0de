import { FINISHERS } from '../features';
import type { BootstrapPatch } from '../features/finisher';
import type { MeshProxyConfig } from '../istio';
import type { MeshSettings } from '../model/mesh';
import { Place } from '../model/place';
import type { Proxy } from '../model/proxy';
import type { ProxyConfig } from '../model/proxy-config';
import { byAge } from '../model/service';
import type { Snapshot } from '../model/snapshot';
import { resourcesOf } from '../model/snapshot';
import { effectiveConfig } from './proxy-config';
import { KindReader } from './read/kind';
import { DEFAULT_SETTINGS, meshConfigMap, readMeshConfig } from './read/mesh-config';
import { readProxyConfig } from './read/proxy-config';

const settingsReader = new KindReader<MeshSettings>(readMeshConfig);
const finishers = FINISHERS.map((finisher) => ({ finisher, reader: new KindReader<object>(finisher.read) }));
const proxyConfigReader = new KindReader<ProxyConfig>(readProxyConfig, byAge);

/** What rooms do to the bootstrap of a proxy that is about to start, one after the other. */
export function readBootstrapPatches(snapshot: Snapshot, proxy: Proxy): readonly BootstrapPatch[] {
  const [settings = DEFAULT_SETTINGS] = settingsReader.read(meshConfigMap(resourcesOf(snapshot, '/ConfigMap'))).values;
  return finishers.flatMap(({ finisher, reader }) =>
    finisher.bootstrap?.(reader.read(resourcesOf(snapshot, finisher.groupKind)).values, proxy, settings.rootNamespace) ?? []);
}

/** The ProxyConfig that a pod's proxy is to be started with. What is wrong in it is told by whoever compiles for the proxy. */
export function readProxyStart(snapshot: Snapshot, pod: Pick<Proxy, 'namespace' | 'name' | 'labels' | 'metadata'>): MeshProxyConfig {
  const [settings = DEFAULT_SETTINGS] = settingsReader.read(meshConfigMap(resourcesOf(snapshot, '/ConfigMap'))).values;
  const proxyConfigs = proxyConfigReader.read(resourcesOf(snapshot, 'networking.istio.io/ProxyConfig')).values;
  return effectiveConfig({ settings, proxyConfigs }, pod, Place.of({ kind: 'Pod', namespace: pod.namespace, name: pod.name }, []));
}
