import 'reflect-metadata';
import { createPrivateKey, generateKeyPairSync, webcrypto, type KeyObject } from 'node:crypto';
import {
  BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension, X509Certificate,
  PemConverter, X509CertificateGenerator, X509CrlGenerator, X509CrlReason, type Extension, type JsonGeneralNames,
} from '@peculiar/x509';
import { importSigningKey } from '../../src/ca/signing-key';

const DAY = 24 * 60 * 60 * 1000;

/** An authority of somebody's company, with its own key. */
export interface TestAuthority {
  readonly name: string;
  readonly key: KeyObject;
  readonly certificate: string;
}

export interface TestAuthorityOptions {
  readonly issuer?: TestAuthority;
  readonly key?: KeyObject;
  readonly ca?: boolean;
  readonly pathLength?: number;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

export function ecKey(namedCurve = 'P-256'): KeyObject {
  return generateKeyPairSync('ec', { namedCurve }).privateKey;
}

export function rsaKey(modulusLength = 2048): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength }).privateKey;
}

export function keyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }) as string;
}

export async function testAuthority(name: string, options: TestAuthorityOptions = {}): Promise<TestAuthority> {
  const { key = ecKey(), issuer, ca = true, pathLength, notBefore = new Date(Date.now() - DAY), notAfter = new Date(Date.now() + 100 * DAY) } = options;
  const signer = await importSigningKey(issuer?.key ?? key);
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: `CN=${issuer?.name ?? name}`,
    notBefore,
    notAfter,
    publicKey: (await pairOf(key)).publicKey,
    signingKey: signer.key,
    signingAlgorithm: signer.algorithm,
    extensions: [new BasicConstraintsExtension(ca, pathLength, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true)],
  });
  return { name, key, certificate: `${certificate.toString('pem')}\n` };
}

/** A workload's certificate with its key, and the authorities above it. */
export async function testLeaf(issuer: TestAuthority, uri: string, above: readonly TestAuthority[] = []): Promise<{ readonly chain: string; readonly key: string }> {
  const key = ecKey();
  const signer = await importSigningKey(issuer.key);
  const leaf = await X509CertificateGenerator.create({
    issuer: `CN=${issuer.name}`, notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + DAY),
    publicKey: (await pairOf(key)).publicKey, signingKey: signer.key, signingAlgorithm: signer.algorithm,
    extensions: [new SubjectAlternativeNameExtension([{ type: 'url', value: uri }], true), new BasicConstraintsExtension(false)],
  });
  return { chain: [`${leaf.toString('pem')}\n`, ...above.map(({ certificate }) => certificate)].join(''), key: keyPem(key) };
}

/** What an authority has taken back, as PEM. */
export async function testList(authority: TestAuthority, revoked: readonly TestAuthority[] = [], nextUpdate = new Date(Date.now() + DAY)): Promise<string> {
  const signer = await importSigningKey(authority.key);
  const thisUpdate = new Date(Date.now() - DAY);
  const list = await X509CrlGenerator.create({
    issuer: `CN=${authority.name}`, thisUpdate, nextUpdate, signingKey: signer.key, signingAlgorithm: signer.algorithm,
    entries: revoked.map(({ certificate }) => ({ serialNumber: parse(certificate).serialNumber, revocationDate: thisUpdate, reason: X509CrlReason.keyCompromise })),
  });
  return `${PemConverter.encode(list.rawData, 'X509 CRL')}\n`;
}

/** The files of `cacerts` for an authority below others. */
export function cacerts(signer: TestAuthority, above: readonly TestAuthority[], root: TestAuthority): Map<string, string> {
  return new Map([
    ['ca-cert.pem', signer.certificate], ['ca-key.pem', keyPem(signer.key)], ['root-cert.pem', root.certificate],
    ['cert-chain.pem', [signer, ...above].map(({ certificate }) => certificate).join('')],
  ]);
}

export interface TestRequest {
  readonly key?: KeyObject;
  /** Signs in place of the key. */
  readonly signer?: KeyObject;
  readonly names?: JsonGeneralNames;
  readonly extensions?: Extension[];
  readonly hash?: string;
}

/** A certificate request as PEM. */
export async function testRequest({ key = ecKey(), signer = key, names, extensions = [], hash }: TestRequest = {}): Promise<string> {
  const { algorithm, key: privateKey } = await importSigningKey(signer);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: 'O=test',
    keys: { privateKey, publicKey: (await pairOf(key)).publicKey },
    signingAlgorithm: { ...algorithm, ...(hash ? { hash } : {}) } as typeof algorithm,
    extensions: [...(names ? [new SubjectAlternativeNameExtension(names, true)] : []), ...extensions],
  });
  return request.toString('pem');
}

async function pairOf(key: KeyObject): Promise<webcrypto.CryptoKeyPair> {
  const { algorithm, key: privateKey } = await importSigningKey(key);
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...jwk } = createPrivateKey(keyPem(key)).export({ format: 'jwk' });
  return { privateKey, publicKey: await webcrypto.subtle.importKey('jwk', jwk, algorithm, true, ['verify']) };
}

function parse(pem: string): X509Certificate {
  return new X509Certificate(pem);
}
