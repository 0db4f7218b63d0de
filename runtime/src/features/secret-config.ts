import type { SdsSecretConfig } from '../envoy';
import { agentSecret, ApiVersion } from '../envoy';
import type { SecretRef } from './emitter';

/** The name under which proxies ask the control plane for a Secret, as with Istio's gateways. */
export function secretResource(ref: SecretRef): string {
  const name = ref.secret.includes('://') ? ref.secret : `kubernetes://${ref.secret}`;
  return `${name}${ref.part === 'authority' ? '-cacert' : ''}`;
}

export function secretConfig(ref: SecretRef): SdsSecretConfig {
  return { name: secretResource(ref), sdsConfig: { ads: {}, resourceApiVersion: ApiVersion.V3 } };
}

/**
 * What the agent beside the proxy holds: the workload's certificate and key, and the authorities of the mesh. Whoever needs them waits for as
 * long as it takes, as in Istio: without them there is nothing to say.
 */
export const workloadSecret = agentSecret;
