// The library reads decorators' metadata when it is loaded.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { PemConverter, Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from '@peculiar/x509';

/** What key a proxy makes for itself. */
export type KeyKind = { readonly type: 'ecdsa'; readonly curve: 'P-256' | 'P-384' } | { readonly type: 'rsa'; readonly bits: number };

/** A new key, and the request for its certificate. Both as PEM. */
export interface KeyAndRequest {
  readonly key: string;
  readonly csr: string;
}

/**
 * Makes a key in memory. The request may name the identity (a SPIFFE id), as that of Istio's agent does; authorities take it from the
 * credentials that come with the request, but some (cert-manager's) want to see it.
 */
export async function requestCertificate(kind: KeyKind, identity?: string): Promise<KeyAndRequest> {
  const { algorithm, signing } = algorithmsOf(kind);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as webcrypto.CryptoKeyPair;
  const request = await Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm: signing,
    extensions: identity === undefined ? [] : [new SubjectAlternativeNameExtension([{ type: 'url', value: identity }], true)],
  }, webcrypto);
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { key, csr: request.toString('pem') };
}

function algorithmsOf(kind: KeyKind) {
  if (kind.type === 'rsa') {
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: kind.bits };
    return { algorithm, signing: algorithm };
  }
  const algorithm = { name: 'ECDSA', namedCurve: kind.curve };
  return { algorithm, signing: { ...algorithm, hash: kind.curve === 'P-384' ? 'SHA-384' : 'SHA-256' } };
}
