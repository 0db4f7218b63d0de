import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';

import { isRoot, nameOf, verifyChain } from './chain';
import { certificatesIn } from './pem';
import { keyFault } from './signing-key';

/** Files of an authority by name: a folder, or the entries of a Secret. */
export type CaFiles = ReadonlyMap<string, string>;

/** What an authority signs with, all of it checked. */
export interface SigningMaterial {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
  /** PEM: what follows a workload's certificate, the signer's own first; empty where the signer is a root. */
  readonly chain: readonly string[];
  /** PEM: several while one root takes over from another. */
  readonly roots: readonly string[];
  /** The first end of a certificate on the way to the root: nothing that is signed may live longer. */
  readonly end: Date;
}

/** Why an authority's files cannot be used. */
export interface CaFault {
  /** Name of the file or entry. */
  readonly entry: string;
  readonly message: string;
}

export class CaFaults extends Error {
  constructor(readonly faults: readonly CaFault[]) {
    super(faults.map(({ entry, message }) => `${entry} ${message}`).join('; '));
  }
}

interface Form {
  readonly certificate: string;
  readonly key: string;
  readonly root: string;
  readonly chain?: string;
}

/** Istio's own form, and that of Secrets of type `kubernetes.io/tls`; https://istio.io/latest/docs/tasks/security/cert-management/plugin-ca-cert/ */
const ISTIO: Form = { certificate: 'ca-cert.pem', key: 'ca-key.pem', root: 'root-cert.pem', chain: 'cert-chain.pem' };
const TLS: Form = { certificate: 'tls.crt', key: 'tls.key', root: 'ca.crt' };
/** Beside either form: what these authorities have taken back. */
export const REVOCATIONS = 'ca-crl.pem';
const EXPECTED = `expected ca-cert.pem, ca-key.pem, root-cert.pem and cert-chain.pem (which may be left out where ca-cert.pem is the root), or tls.crt, tls.key and ca.crt`;

/** Every file that may say something of an authority. */
export const CA_FILES: readonly string[] = [...Object.values(ISTIO), ...Object.values(TLS), REVOCATIONS];

/**
 * Reads and checks an authority; istiod looks for `tls.crt` first, too.
 *
 * @throws CaFaults naming the file, what it holds and what it is to hold
 */
export function readSigningMaterial(files: CaFiles, now = new Date()): SigningMaterial {
  const form = files.has(TLS.certificate) ? TLS : ISTIO;
  const missing = [form.certificate, form.key, form.root].filter((name) => !files.get(name)?.trim());
  if (missing.length > 0) {
    const found = [...files.keys()].sort().join(', ') || 'nothing';
    throw new CaFaults(missing.map((entry) => ({ entry, message: `is missing or empty: there is ${found}; ${EXPECTED}` })));
  }
  const [certificate, ...others] = readCertificates(files, form.certificate);
  const roots = readCertificates(files, form.root);
  const intermediates = [...others, ...(form.chain && files.get(form.chain)?.trim() ? readCertificates(files, form.chain) : [])];
  const key = readKey(files, form);
  checkRoots(roots, form.root);
  const path = readPath({ certificate: certificate!, intermediates, roots, now }, form);
  return {
    certificate: certificate!, key,
    chain: chainOf(certificate!, intermediates),
    roots: unique(roots).map(toPem),
    end: new Date(Math.min(...path.map(({ validTo }) => Date.parse(validTo)))),
  };
}

function readCertificates(files: CaFiles, entry: string): X509Certificate[] {
  const blocks = certificatesIn(files.get(entry) ?? '');
  if (blocks.length === 0) throw fault(entry, 'holds no certificate in PEM (-----BEGIN CERTIFICATE-----)');
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw fault(entry, `holds a certificate that cannot be read, number ${index + 1} of ${blocks.length} (${(error as Error).message})`);
    }
  });
}

function readKey(files: CaFiles, { key: entry, certificate }: Form): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(files.get(entry)!);
  } catch (error) {
    // The library's message tells of the form, never of the key.
    throw fault(entry, `holds no private key in PEM without a password (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`);
  }
  const weak = keyFault(key);
  if (weak) throw fault(entry, weak);
  if (!new X509Certificate(certificatesIn(files.get(certificate)!)[0]!).checkPrivateKey(key)) {
    throw fault(entry, `is not the key of the certificate in ${certificate}: give the key that the authority was certified for`);
  }
  return key;
}

/** Envoy and Node trust only what ends in a certificate that signed itself. */
function checkRoots(roots: readonly X509Certificate[], entry: string): void {
  const other = roots.find((root) => !isRoot(root));
  if (other) {
    throw fault(entry, `holds ${nameOf(other.subject)}, which ${nameOf(other.issuer)} has issued: only roots, which have signed themselves, belong there; put it into cert-chain.pem`);
  }
}

function readPath(input: Parameters<typeof verifyChain>[0], { certificate, root, chain }: Form): readonly X509Certificate[] {
  const found = verifyChain(input);
  if ('fault' in found) {
    throw fault(certificate, `does not lead to a root of ${root}: ${found.fault}. Put the authorities between them into ${chain ?? certificate}, the signer's own first, and the root into ${root}`);
  }
  return found.path;
}

/** Certificates of authorities that others have signed: roots are what the peer must have itself. */
function chainOf(signer: X509Certificate, intermediates: readonly X509Certificate[]): string[] {
  return unique([signer, ...intermediates]).filter((one) => !isRoot(one)).map(toPem);
}

function unique(certificates: readonly X509Certificate[]): X509Certificate[] {
  return [...new Map(certificates.map((certificate) => [certificate.fingerprint256, certificate])).values()];
}

function toPem(certificate: X509Certificate): string {
  return certificate.toString();
}

function fault(entry: string, message: string): CaFaults {
  return new CaFaults([{ entry, message }]);
}
