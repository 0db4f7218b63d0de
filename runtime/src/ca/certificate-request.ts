// The library of certificates reads decorators' metadata when it is loaded.
import 'reflect-metadata';
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import {
  BasicConstraintsExtension, ExtensionsAttribute, KeyUsageFlags, KeyUsagesExtension, Pkcs10CertificateRequest, SubjectAlternativeNameExtension,
} from '@peculiar/x509';

import { firstInside } from './der';
import { pemBlocks } from './pem';
import { keyFault } from './signing-key';

/** Characters of a request: one for an RSA key of 8192 bits has a quarter of it. */
const LONGEST_REQUEST = 16 * 1024;

/** Why nothing is signed; the kinds are the labels of istiod's `citadel_server_csr_sign_err_count`. */
export class SigningRefused extends Error {
  constructor(readonly kind: 'CA_NOT_READY' | 'CSR_ERROR' | 'TTL_ERROR' | 'CERT_GEN_ERROR', message: string) {
    super(message);
  }
}

const SIGNATURES: readonly string[] = ['ECDSA', 'RSASSA-PKCS1-v1_5'];
const HASHES: readonly string[] = ['SHA-256', 'SHA-384', 'SHA-512'];

/**
 * The key (`SubjectPublicKeyInfo`, DER) of a certificate request, after everything that it asks for has been found to be no more than its sender is entitled to. Istio
 * ignores what else a request asks for; here it is refused, so that whoever tries it is seen.
 *
 * @param names SPIFFE ids that the request may ask for
 * @throws SigningRefused
 */
export function readRequest(pem: string, names: readonly string[]): Uint8Array {
  const request = parse(pem);
  const key = new Uint8Array(request.publicKey.rawData);
  checkSignature(request, readKey(key));
  for (const extension of extensionsOf(request)) {
    if (extension instanceof SubjectAlternativeNameExtension) checkNames(extension, names);
    if (extension instanceof BasicConstraintsExtension && extension.ca) throw refused('it asks for CA:TRUE: workloads sign for nobody');
    if (extension instanceof KeyUsagesExtension && extension.usages & (KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign)) {
      throw refused('it asks for the right to sign certificates or revocation lists: workloads sign for nobody');
    }
  }
  return key;
}

function parse(pem: string): Pkcs10CertificateRequest {
  if (pem.length > LONGEST_REQUEST) throw refused(`it has ${pem.length} characters, at most ${LONGEST_REQUEST} are read`);
  const blocks = [...pemBlocks(pem, 'CERTIFICATE REQUEST'), ...pemBlocks(pem, 'NEW CERTIFICATE REQUEST')];
  if (blocks.length !== 1) throw refused(`expected one -----BEGIN CERTIFICATE REQUEST-----, got ${blocks.length}`);
  try {
    const request = new Pkcs10CertificateRequest(blocks[0]!);
    // What is read when it is asked for is read here, too.
    extensionsOf(request);
    void request.signatureAlgorithm;
    return request;
  } catch {
    throw refused('it cannot be read as PKCS #10');
  }
}

function readKey(der: Uint8Array): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  } catch {
    throw refused('its key cannot be read');
  }
  const fault = keyFault(key);
  if (fault) throw refused(`its key ${fault}`);
  return key;
}

/** Who asks must hold the key. */
function checkSignature(request: Pkcs10CertificateRequest, key: KeyObject): void {
  const { name, hash } = request.signatureAlgorithm as { readonly name: string; readonly hash?: { readonly name: string } };
  if (!SIGNATURES.includes(name) || !hash || !HASHES.includes(hash.name)) {
    throw refused(`it is signed with ${name} and ${hash?.name ?? 'an unknown hash'}, expected ${SIGNATURES.join(' or ')} and ${HASHES.join(', ')}`);
  }
  if (!isSigned(request, key, hash.name.replace('-', ''))) throw refused('its signature is not of its own key');
}

function isSigned({ rawData, signature }: Pkcs10CertificateRequest, key: KeyObject, hash: string): boolean {
  try {
    return verify(hash, firstInside(new Uint8Array(rawData)), key, new Uint8Array(signature));
  } catch {
    return false;
  }
}

/** All that are asked for, in whichever attribute. */
function extensionsOf(request: Pkcs10CertificateRequest) {
  return request.attributes.flatMap((attribute) => (attribute instanceof ExtensionsAttribute ? attribute.items : []));
}

function checkNames({ names: { items } }: SubjectAlternativeNameExtension, allowed: readonly string[]): void {
  const other = items.find(({ type, value }) => type !== 'url' || !allowed.includes(value));
  if (other) throw refused(`it asks for the name ${JSON.stringify(String(other.value).slice(0, 300))}, but its sender is ${allowed[0]}`);
}

function refused(message: string): SigningRefused {
  return new SigningRefused('CSR_ERROR', message);
}
