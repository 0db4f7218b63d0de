import type { DataSource, Secret } from '../../envoy';
import type { SecretRef } from '../../features/emitter';
import { secretResource } from '../../features/secret-config';
import type { SecretData, SecretIndex } from '../../model/mesh';

/** Names of entries, as Istio looks for them: its own first, then those of Secrets of type `kubernetes.io/tls`. */
const PAIRS = [['cert', 'key'], ['tls.crt', 'tls.key']] as const;
const AUTHORITIES = [['cacert', 'crl'], ['ca.crt', 'ca.crl']] as const;
const STAPLE = 'tls.ocsp-staple';

/** With the namespace, as Istio writes names for the Gateway API, whose ReferenceGrants open other namespaces. */
const FULL_NAME = /^(kubernetes-gateway|configmap):\/\/([^/]+)\/(.+)$/;

/** The part of a Kubernetes Secret that is asked for; undefined where there is none. */
export function emitSecret(ref: SecretRef, namespace: string, secrets: SecretIndex): Secret | undefined {
  const name = secretResource(ref);
  const find = finderOf(ref, namespace, secrets);
  // A Secret of its own for the authority wins over the one with the certificate.
  return ref.part === 'certificate' ? emitCertificate(name, find('')) : emitAuthority(name, find('-cacert') ?? find(''));
}

/** Where to look, whatever the name ends with. `namespace/name` is understood; of another namespace it is the name of nothing. */
function finderOf({ secret }: SecretRef, namespace: string, secrets: SecretIndex): (suffix: string) => SecretData | undefined {
  const full = FULL_NAME.exec(secret);
  if (!full) {
    const own = secret.startsWith(`${namespace}/`) ? secret.slice(namespace.length + 1) : secret;
    return (suffix) => secrets.get(namespace, `${own}${suffix}`);
  }
  const [, scheme, other, name] = full;
  return (suffix) => (scheme === 'configmap' ? secrets.configMap(other, `${name}${suffix}`) : secrets.get(other, `${name}${suffix}`));
}

function emitCertificate(name: string, data: SecretData | undefined): Secret | undefined {
  for (const [certificate, key] of PAIRS) {
    const [certificateChain, privateKey] = [entry(data, certificate), entry(data, key)];
    if (certificateChain && privateKey) {
      const ocspStaple = certificate === 'tls.crt' ? entry(data, STAPLE) : undefined;
      return { name, tlsCertificate: { certificateChain, privateKey, ...(ocspStaple && { ocspStaple }) } };
    }
  }
  return undefined;
}

function emitAuthority(name: string, data: SecretData | undefined): Secret | undefined {
  for (const [authority, revocations] of AUTHORITIES) {
    const [trustedCa, crl] = [entry(data, authority), entry(data, revocations)];
    if (trustedCa) {
      return { name, validationContext: { trustedCa, ...(crl && { crl }) } };
    }
  }
  return undefined;
}

/** Empty counts as missing. */
function entry(data: SecretData | undefined, name: string): DataSource | undefined {
  const bytes = data?.entries.get(name);
  return bytes && bytes.length > 0 ? { inlineBytes: bytes } : undefined;
}
