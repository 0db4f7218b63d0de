import { JSON_SCHEMA, load } from 'js-yaml';
import type { MeshConfigSpec } from '../../../../imports/istio/mesh-config.types';
import { recordOf, textOf } from '../../model/parsed-value';
import type { Metadata, Resource } from '../../model/resource';
import { checkPool } from './connection-pool';
import { checkPrecision } from './http-rule';
import { checkPort } from './names';
import type { Tell } from './tell';

/** ValidateMeshConfig of istio/istio pkg/config/validation/agent. Whether it is YAML at all, and as its schema says, is told by whoever reads it. */
export function checkMeshConfig({ data }: Resource, tell: Tell, { name }: Metadata): void {
  const { mesh } = recordOf(data);
  if (name !== 'istio' || typeof mesh !== 'string') return;
  const config = parsed(mesh);
  checkTrust(config, tell);
  checkPrecision(textOf(config.protocolDetectionTimeout), 'data.mesh.protocolDetectionTimeout', tell);
  if (config.meshMTLS?.ecdhCurves) tell('data.mesh.meshMTLS.ecdhCurves', 'is taken here, and Istio refuses the whole configuration for it: write tlsDefaults.ecdhCurves where it must do with Istio too');
  checkDefaults(config.defaultTrafficPolicy, tell);
  const { discoveryAddress, tracing } = recordOf(config.defaultConfig) as { readonly discoveryAddress?: unknown; readonly tracing?: unknown };
  checkAddress(discoveryAddress, 'data.mesh.defaultConfig.discoveryAddress', tell);
  for (const [tracer, settings] of Object.entries(recordOf(tracing))) {
    checkAddress(recordOf(settings).address, `data.mesh.defaultConfig.tracing.${tracer}.address`, tell);
  }
}

function parsed(text: string): MeshConfigSpec {
  try {
    return recordOf(load(text, { schema: JSON_SCHEMA }));
  } catch {
    return {};
  }
}

function checkTrust({ trustDomain, trustDomainAliases }: MeshConfigSpec, tell: Tell): void {
  if (trustDomain === '') tell('data.mesh.trustDomain', 'is empty: it is cluster.local until it is written');
  if (Array.isArray(trustDomainAliases)) {
    trustDomainAliases.forEach((alias: unknown, i) => { if (alias === '') tell(`data.mesh.trustDomainAliases[${i}]`, 'is empty, and is nobody\'s name: leave it out'); });
  }
}

function checkDefaults(policy: MeshConfigSpec['defaultTrafficPolicy'], tell: Tell): void {
  const at = 'data.mesh.defaultTrafficPolicy';
  const { connectionPool, outlierDetection } = recordOf(policy) as NonNullable<typeof policy>;
  checkPool(connectionPool, `${at}.connectionPool`, tell);
  for (const [field, duration] of Object.entries({
    'connectionPool.http.idleTimeout': connectionPool?.http?.idleTimeout, 'connectionPool.tcp.connectTimeout': connectionPool?.tcp?.connectTimeout,
    'outlierDetection.interval': outlierDetection?.interval, 'outlierDetection.baseEjectionTime': outlierDetection?.baseEjectionTime,
  })) {
    if (/^0+(\.0+)?[a-zµ]*$/.test(String(duration ?? ''))) tell(`${at}.${field}`, `is ${duration}, and Istio asks for a millisecond at least`);
  }
  if (outlierDetection?.consecutiveLocalOriginFailures && !outlierDetection.splitExternalLocalOriginErrors) {
    tell(`${at}.outlierDetection.consecutiveLocalOriginFailures`, 'counts what splitExternalLocalOriginErrors counts apart, so it has no effect without it: write splitExternalLocalOriginErrors: true');
  }
}

/** `host:port`. */
function checkAddress(address: unknown, path: string, tell: Tell): void {
  if (typeof address !== 'string' || address === '') return;
  const port = /^(?:\[[0-9a-f:.]+\]|[^:]+):(\d+)$/i.exec(address)?.[1];
  if (port === undefined) tell(path, `'${address}' is not of the form HOST:PORT`);
  else checkPort(Number(port), path, tell);
}
