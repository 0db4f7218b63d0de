import type { DataSource, Secret } from '../../envoy';
import type { SecretRef } from '../../features/emitter';
import { secretResource } from '../../features/secret-config';
import type { SecretData, SecretIndex } from '../../model/mesh';

/** Names of entries: those of Secrets of type `kubernetes.io/tls`, then the older ones that Istio still reads. */
const CERTIFICATE = ['tls.crt', 'cert'];
const KEY = ['tls.key', 'key'];
const AUTHORITY = ['ca.crt', 'cacert'];
const REVOCATIONS = ['ca.crl', 'crl'];

/** With the namespace, as Istio writes names for the Gateway API, whose ReferenceGrants open other namespaces. */
const FULL_NAME = /^(kubernetes-gateway|configmap):\/\/([^/]+)\/(.+)$/;

/** The part of a Kubernetes Secret that is asked for; undefined where there is none. */
export function emitSecret(ref: SecretRef, namespace: string, secrets: SecretIndex): Secret | undefined {
  const name = secretResource(ref);
  const find = finderOf(ref, namespace, secrets);
  const data = find('');
  if (ref.part === 'certificate') {
    const [certificateChain, privateKey] = [entry(data, CERTIFICATE), entry(data, KEY)];
    return certificateChain && privateKey && { name, tlsCertificate: { certificateChain, privateKey } };
  }
  const separate = find('-cacert');
  const trustedCa = entry(data, AUTHORITY) ?? entry(separate, AUTHORITY);
  const crl = entry(data, REVOCATIONS) ?? entry(separate, REVOCATIONS);
  return trustedCa && { name, validationContext: { trustedCa, ...(crl && { crl }) } };
}

/** Where to look, whatever the name ends with. */
function finderOf({ secret }: SecretRef, namespace: string, secrets: SecretIndex): (suffix: string) => SecretData | undefined {
  const full = FULL_NAME.exec(secret);
  if (!full) {
    return (suffix) => secrets.get(namespace, `${secret}${suffix}`);
  }
  const [, scheme, other, name] = full;
  return (suffix) => (scheme === 'configmap' ? secrets.configMap(other, `${name}${suffix}`) : secrets.get(other, `${name}${suffix}`));
}

function entry(data: SecretData | undefined, names: readonly string[]): DataSource | undefined {
  const found = names.map((name) => data?.entries.get(name)).find((bytes) => bytes !== undefined);
  return found && { inlineBytes: found };
}
