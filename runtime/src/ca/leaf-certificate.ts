// The library of certificates reads decorators' metadata when it is loaded.
import 'reflect-metadata';
import { sign, type KeyObject } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension, BasicConstraintsExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension,
  SubjectKeyIdentifierExtension, X509Certificate,
} from '@peculiar/x509';

import { element, sequence, time } from './der';
import { nodeSignature } from './signing-key';
import type { SigningMaterial } from './signing-material';

export interface LeafName {
  readonly type: 'uri' | 'dns';
  readonly value: string;
}

export interface LeafWish {
  /** `SubjectPublicKeyInfo`, DER. */
  readonly publicKey: Uint8Array;
  readonly names: readonly LeafName[];
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Tags of GeneralName (RFC 5280, 4.2.1.6). */
const NAME_TAGS = { dns: 0x82, uri: 0x86 } as const;
const VERSION_3 = Buffer.from('a003020102', 'hex');
const NO_SUBJECT = sequence();
/** The extension `subjectAltName`, critical, for there is no subject, as the standard of SPIFFE wants it, too. */
const CRITICAL_NAME = Buffer.from('0603551d110101ff', 'hex');

/** The extensions of every certificate that is signed, as istiod's (security/pkg/pki/util/generate_cert.go). */
const LEAF = [
  new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
  new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
  new BasicConstraintsExtension(false, undefined, true),
].map(({ rawData }) => Buffer.from(rawData));

/**
 * Writes certificates that differ in key, name, number and time only. The library's generator takes three times as long for each, most of it
 * to describe what is always the same; here that is encoded once for a signer.
 */
export class LeafWriter {
  private readonly algorithm: Uint8Array;
  private readonly hash: string;

  static async of({ certificate, key }: SigningMaterial): Promise<LeafWriter> {
    const issuer = new X509Certificate(certificate.raw);
    const known = issuer.getExtension(SubjectKeyIdentifierExtension)?.keyId;
    const identifier = known === undefined ? await AuthorityKeyIdentifierExtension.create(issuer.publicKey) : new AuthorityKeyIdentifierExtension(known);
    return new LeafWriter(key, Buffer.from(issuer.subjectName.toArrayBuffer()), Buffer.concat([...LEAF, Buffer.from(identifier.rawData)]));
  }

  private constructor(private readonly key: KeyObject, private readonly issuer: Uint8Array, private readonly extensions: Uint8Array) {
    ({ algorithm: this.algorithm, hash: this.hash } = nodeSignature(key));
  }

  /** DER. */
  write({ publicKey, names, serialNumber, notBefore, notAfter }: LeafWish): Buffer {
    const alternatives = sequence(...names.map(({ type, value }) => element(NAME_TAGS[type], Buffer.from(value, 'latin1'))));
    const name = sequence(CRITICAL_NAME, element(0x04, alternatives));
    const toSign = sequence(
      VERSION_3, element(0x02, Buffer.from(serialNumber, 'hex')), this.algorithm, this.issuer, sequence(time(notBefore), time(notAfter)),
      NO_SUBJECT, publicKey, element(0xa3, sequence(this.extensions, name)),
    );
    return sequence(toSign, this.algorithm, element(0x03, Buffer.from([0]), sign(this.hash, toSign, this.key)));
  }
}
