import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { ResourceRef } from '../../../model/problem';
import type { Resource } from '../../../model/resource';
import { Derived } from '../../cache';
import type { Fault, ObjectReference } from './references';
import { mayRefer, referenceText } from './references';
import type { World } from './world';

/** The name of a Secret as Istio's gateways ask for it; with its namespace, since a ReferenceGrant may open another one's. */
export function certificateName(ref: ObjectReference, owner: ResourceRef, world: World): string | Fault {
  const key = `${ref.namespace ?? owner.namespace}/${ref.name}`;
  const fault = (reason: string, message: string): Fault => ({ reason, message, path: '' });
  if ((ref.group ?? '') !== '' || (ref.kind ?? 'Secret') !== 'Secret') {
    return fault('InvalidCertificateRef', `invalid certificate reference ${referenceText(ref)}, only secret is allowed`);
  }
  const secret = world.secret(key);
  if (!secret) {
    return fault('InvalidCertificateRef', `invalid certificate reference ${referenceText(ref)}, secret ${key} not found`);
  }
  const wrong = wrongPair.of(secret);
  if (wrong) {
    return fault('InvalidCertificateRef', `invalid certificate reference ${referenceText(ref)}, ${wrong}`);
  }
  return mayRefer(world, owner, 'Secret', key) ? `kubernetes-gateway://${key}` : fault(
    'RefNotPermitted',
    `certificateRef ${ref.name}/${ref.namespace ?? owner.namespace} not accessible to a ${owner.kind} in namespace "${owner.namespace}" (missing a ReferenceGrant?)`,
  );
}

/** Where the authorities stand that a client or a backend must have its certificate from. */
export function authorityName(refs: readonly ObjectReference[], owner: ResourceRef, world: World): string | Fault {
  const [ref, ...others] = refs;
  const fault = (message: string, reason = 'InvalidCACertificateRef', path = ''): Fault => ({ reason, message, path });
  if (others.length > 0) {
    return fault('only one CA certificate reference is supported');
  }
  const kind = ref.kind ?? 'ConfigMap';
  const key = `${ref.namespace ?? owner.namespace}/${ref.name}`;
  if ((ref.group ?? '') !== '' || (kind !== 'ConfigMap' && kind !== 'Secret')) {
    return fault(`invalid CA certificate reference ${referenceText({ ...ref, kind })}, only ConfigMap and Secret are allowed`, 'InvalidCACertificateKind');
  }
  const found = kind === 'ConfigMap' ? world.configMap(key) : world.secret(key);
  if (!found) {
    return fault(`invalid CA certificate reference ${referenceText({ ...ref, kind })}, ${kind.toLowerCase()} ${key} not found`);
  }
  if (entry(found, ['ca.crt', 'cacert']) === undefined) {
    return fault(`invalid CA certificate reference ${referenceText({ ...ref, kind })}, it has no ca.crt`);
  }
  return mayRefer(world, owner, kind, key)
    ? `${kind === 'ConfigMap' ? 'configmap' : 'kubernetes-gateway'}://${key}`
    : fault(`caCertificateRef ${key} not accessible to a ${owner.kind} in namespace "${owner.namespace}" (missing a ReferenceGrant?)`, 'RefNotPermitted');
}

/** What is wrong with a certificate and its key. */
const wrongPair = new Derived((secret: Resource): string | undefined => {
  const [certificate, privateKey] = [entry(secret, ['tls.crt', 'cert']), entry(secret, ['tls.key', 'key'])];
  if (!certificate || !privateKey) {
    return `found secret, but didn't have expected keys "tls.crt" and "tls.key"; found: ${Object.keys({ ...fields(secret, 'data'), ...fields(secret, 'stringData') }).sort().join(', ')}`;
  }
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey))
      ? undefined : 'the certificate is malformed: private key does not match public key';
  } catch (error) {
    return `the certificate is malformed: ${(error as Error).message}`;
  }
});

function entry(resource: Resource, names: readonly string[]): string | undefined {
  const decode = (text: unknown): string => (resource.kind === 'Secret' ? Buffer.from(String(text), 'base64').toString('utf8') : String(text));
  for (const name of names) {
    const plain = fields(resource, 'stringData')[name];
    const encoded = fields(resource, 'data')[name];
    if (plain !== undefined || encoded !== undefined) {
      return plain === undefined ? decode(encoded) : String(plain);
    }
  }
  return undefined;
}

function fields(resource: Resource, name: 'data' | 'stringData'): Readonly<Record<string, unknown>> {
  return (resource[name] ?? {}) as Record<string, unknown>;
}
