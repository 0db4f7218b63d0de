// The library of certificates reads decorators' metadata when it is loaded.
import 'reflect-metadata';
import type { X509Certificate } from 'node:crypto';
import { BasicConstraintsExtension, X509Certificate as ParsedCertificate } from '@peculiar/x509';

/** What stands between an authority's certificate and a root, or why nothing leads there. */
export type Chain =
  /** From the certificate itself to the root. */
  | { readonly path: readonly X509Certificate[] }
  | { readonly fault: string };

export interface ChainInput {
  readonly certificate: X509Certificate;
  readonly intermediates: readonly X509Certificate[];
  readonly roots: readonly X509Certificate[];
  readonly now: Date;
}

const DEEPEST = 10;

/** The way from a certificate to a trusted root, by names, signatures, times and the right to sign: what `openssl verify` does. */
export function verifyChain(input: ChainInput): Chain {
  const problems: string[] = [];
  const path = climb([input.certificate], input, problems);
  return path ? { path } : { fault: problems[0] ?? unknownIssuer(input.certificate, input) };
}

/** Depth first: an authority may have several certificates, of which one leads to a root that we have (cross-signing). */
function climb(path: readonly X509Certificate[], input: ChainInput, problems: string[]): readonly X509Certificate[] | undefined {
  const last = path[path.length - 1]!;
  const fault = certificateFault(last, path.length - 1, input.now);
  if (fault) return void problems.push(fault);
  if (input.roots.some((root) => root.fingerprint256 === last.fingerprint256)) return path;
  if (path.length > DEEPEST) return void problems.push(`the chain is longer than ${DEEPEST} certificates`);
  const issuers = issuersOf(last, input).filter((issuer) => !path.some(({ fingerprint256 }) => fingerprint256 === issuer.fingerprint256));
  if (issuers.length === 0) return void problems.push(unknownIssuer(last, input));
  for (const issuer of issuers) {
    const found = climb([...path, issuer], input, problems);
    if (found) return found;
  }
  return undefined;
}

function issuersOf(certificate: X509Certificate, { roots, intermediates }: ChainInput): X509Certificate[] {
  return [...roots, ...intermediates].filter((issuer) => certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey));
}

/** Whether it has signed itself: names alone do not tell, for a root may be signed by another one of the same name. */
export function isRoot(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey);
}

/** `below`: how many authorities stand between this one and the workload's certificate. */
function certificateFault(certificate: X509Certificate, below: number, now: Date): string | undefined {
  const name = nameOf(certificate.subject);
  if (!certificate.ca) return `the certificate of ${name} may not sign others: it has no CA:TRUE among its basic constraints`;
  const { validFrom, validTo } = certificate;
  if (now < new Date(validFrom)) return `the certificate of ${name} is not valid before ${new Date(validFrom).toISOString()}`;
  if (now > new Date(validTo)) return `the certificate of ${name} ended on ${new Date(validTo).toISOString()}`;
  const longest = pathLength(certificate);
  return longest === undefined || longest >= below ? undefined : `the certificate of ${name} allows ${longest} authorities below it, there are ${below}`;
}

function unknownIssuer(certificate: X509Certificate, { roots, intermediates }: ChainInput): string {
  const [subject, issuer] = [nameOf(certificate.subject), nameOf(certificate.issuer)];
  const known = [...roots, ...intermediates];
  if (isRoot(certificate)) return `${subject} signed itself and is not among the roots (${names(roots)})`;
  return known.some((one) => one.subject === certificate.issuer)
    ? `${subject} names ${issuer} as its issuer, but the certificate of that name holds another key than the one that signed it, or may not sign`
    : `${subject} was issued by ${issuer}, of which there is no certificate; there are ${names(known)}`;
}

function names(certificates: readonly X509Certificate[]): string {
  return certificates.map(({ subject }) => nameOf(subject)).join('; ') || 'none';
}

/** One line of what Node gives as several. */
export function nameOf(distinguishedName: string | undefined): string {
  return `'${(distinguishedName ?? '').replace(/\n/g, ', ')}'`;
}

/** `pathLenConstraint` of the basic constraints, which Node does not tell. */
function pathLength(certificate: X509Certificate): number | undefined {
  return new ParsedCertificate(certificate.raw).getExtension(BasicConstraintsExtension)?.pathLength;
}
