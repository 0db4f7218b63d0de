// The library of certificates reads decorators' metadata when it is loaded.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { cryptoProvider, PemConverter, X509Certificate, X509Crl } from '@peculiar/x509';

import { REVOCATIONS, CaFaults, type CaFiles, type SigningMaterial } from './signing-material';

const LABEL = /-----BEGIN (X509 )?CRL-----[^-]+-----END (X509 )?CRL-----/g;

/**
 * What the authorities of `cacerts` have taken back, as PEM; empty: nothing is looked at. Envoy asks for a list of every authority on the way
 * from a certificate to its root, and refuses what has none, so that each of them must have one; as in Istio (security/pkg/pki/util, VerifyCRL).
 *
 * @throws CaFaults
 */
export async function readRevocations(files: CaFiles, { certificate, chain, roots }: SigningMaterial, now = new Date()): Promise<string> {
  const text = files.get(REVOCATIONS) ?? '';
  if (text.trim() === '') return '';
  cryptoProvider.set(webcrypto);
  const lists = parseLists(text);
  const authorities = [...new Set([certificate.toString(), ...chain, ...roots])].map((pem) => new X509Certificate(pem));
  for (const authority of authorities) {
    const own = await listsOf(authority, lists);
    if (own.length === 0) throw fault(`holds no list that ${authority.subject} has signed: proxies refuse what it has signed without one; add one, which may be empty`);
    const current = own.some(({ nextUpdate }) => nextUpdate === undefined || nextUpdate > now);
    if (!current) throw fault(`holds a list of ${authority.subject} that ended on ${own[0]?.nextUpdate?.toISOString()}: proxies would refuse everything that it has signed; ask it for a new one`);
  }
  // TLS libraries know one label only: RFC 7468, section 6.
  return lists.map(({ rawData }) => `${PemConverter.encode(rawData, 'X509 CRL')}\n`).join('');
}

function parseLists(text: string): X509Crl[] {
  const blocks = text.match(LABEL) ?? [];
  if (blocks.length === 0) throw fault('holds no list in PEM (-----BEGIN X509 CRL-----)');
  return blocks.map((block, index) => {
    try {
      return new X509Crl(block.replaceAll(/(BEGIN|END) CRL/g, '$1 X509 CRL'));
    } catch (error) {
      throw fault(`holds a list that cannot be read, number ${index + 1} of ${blocks.length} (${(error as Error).message})`);
    }
  });
}

async function listsOf(authority: X509Certificate, lists: readonly X509Crl[]): Promise<X509Crl[]> {
  const named = lists.filter(({ issuer }) => issuer === authority.subject);
  const signed = await Promise.all(named.map((list) => list.verify({ publicKey: authority.publicKey }).catch(() => false)));
  return named.filter((_, i) => signed[i]);
}

function fault(message: string): CaFaults {
  return new CaFaults([{ entry: REVOCATIONS, message: `${message}; the last good list stays in force` }]);
}
