// The library of certificates reads decorators' metadata when it is loaded.
import 'reflect-metadata';
import { createPublicKey } from 'node:crypto';
import {
  BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, Pkcs10CertificateRequest, SubjectAlternativeNameExtension, type PublicKey,
} from '@peculiar/x509';

import { pemBlocks } from './pem';
import { keyFault } from './signing-key';

/** Characters of a request: one for an RSA key of 8192 bits has a quarter of it. */
export const LONGEST_REQUEST = 16 * 1024;

/** Why nothing is signed; the kinds are the labels of istiod's `citadel_server_csr_sign_err_count`. */
export class SigningRefused extends Error {
  constructor(readonly kind: 'CA_NOT_READY' | 'CSR_ERROR' | 'TTL_ERROR' | 'CERT_GEN_ERROR', message: string) {
    super(message);
  }
}

const WEAK_HASHES = new Set(['SHA-1', 'MD5']);

/**
 * The key of a certificate request, after everything that it asks for has been found to be no more than its sender is entitled to. Istio
 * ignores what else a request asks for; here it is refused, so that whoever tries it is seen.
 *
 * @param names SPIFFE ids that the request may ask for
 * @throws SigningRefused
 */
export async function readRequest(pem: string, names: readonly string[]): Promise<PublicKey> {
  const request = parse(pem);
  const key = readKey(request);
  await checkSignature(request);
  for (const extension of request.extensions) {
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
    return new Pkcs10CertificateRequest(blocks[0]!);
  } catch {
    throw refused('it cannot be read as PKCS #10');
  }
}

function readKey({ publicKey }: Pkcs10CertificateRequest): PublicKey {
  let fault: string | undefined;
  try {
    fault = keyFault(createPublicKey({ key: Buffer.from(publicKey.rawData), format: 'der', type: 'spki' }));
  } catch {
    fault = 'cannot be read';
  }
  if (fault) throw refused(`its key ${fault}`);
  return publicKey;
}

/** Who asks must hold the key. */
async function checkSignature(request: Pkcs10CertificateRequest): Promise<void> {
  const { hash } = request.signatureAlgorithm as { readonly hash?: { readonly name: string } };
  if (hash && WEAK_HASHES.has(hash.name)) throw refused(`it is signed with ${hash.name}, expected SHA-256 or better`);
  if (!await request.verify().catch(() => false)) throw refused('its signature is not of its own key');
}

function checkNames({ names: { items } }: SubjectAlternativeNameExtension, allowed: readonly string[]): void {
  const other = items.find(({ type, value }) => type !== 'url' || !allowed.includes(value));
  if (other) throw refused(`it asks for the name ${JSON.stringify(String(other.value).slice(0, 300))}, but its sender is ${allowed[0]}`);
}

function refused(message: string): SigningRefused {
  return new SigningRefused('CSR_ERROR', message);
}
