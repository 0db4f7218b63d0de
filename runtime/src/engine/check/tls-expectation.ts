import { countBy, formatCounts, type Expectation } from './expectation';
import type { Answer } from './engine-port';

export interface ExpectedTls {
  /** What the checks call the certificate. */
  readonly certificate?: string;
  readonly version?: string;
  readonly cipher?: string;
  readonly alpn?: string;
}

/** What was agreed upon when the connection began; only what is named is looked at. */
export function tls(expected: ExpectedTls): Expectation {
  const fields = (['certificate', 'version', 'cipher', 'alpn'] as const).filter((field) => expected[field] !== undefined);
  const text = fields.map((field) => `${field} ${expected[field]}`).join(', ');
  return {
    what: 'TLS',
    expected: text,
    judge: ({ answers, credentials }) => {
      const describe = ({ tls: session }: Answer): string => {
        if (!session) return 'no TLS';
        const shown = { ...session, certificate: credentials.nameOf(session.certificate) ?? 'unknown', alpn: session.alpn ?? 'none' };
        return fields.map((field) => `${field} ${shown[field]}`).join(', ');
      };
      const counts = countBy(answers, describe);
      return { ok: counts.get(text) === answers.length, observed: formatCounts(counts) };
    },
  };
}
