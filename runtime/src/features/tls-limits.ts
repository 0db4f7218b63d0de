import type { TlsParameters } from '../envoy';
import { TlsParameters_TlsProtocol } from '../envoy';

const { TLSv1_0, TLSv1_1, TLSv1_2, TLSv1_3 } = TlsParameters_TlsProtocol;
const VERSIONS = { TLSV1_0: TLSv1_0, TLSV1_1: TLSv1_1, TLSV1_2: TLSv1_2, TLSV1_3: TLSv1_3 } as const;

/** What both sides of TLS have to agree within. */
export interface TlsLimits {
  /** @default 1.2 */
  readonly minVersion?: keyof typeof VERSIONS;
  /** @default 1.3 */
  readonly maxVersion?: keyof typeof VERSIONS;
  /** @default Envoy's */
  readonly cipherSuites?: readonly string[];
  /** @default Envoy's */
  readonly ecdhCurves?: readonly string[];
}

/** Envoy's own defaults differ between its two sides, so versions are always written. */
export function emitTlsLimits({ minVersion = 'TLSV1_2', maxVersion = 'TLSV1_3', cipherSuites, ecdhCurves }: TlsLimits = {}): TlsParameters {
  return {
    tlsMinimumProtocolVersion: VERSIONS[minVersion],
    tlsMaximumProtocolVersion: VERSIONS[maxVersion],
    ...(cipherSuites && { cipherSuites }),
    ...(ecdhCurves && { ecdhCurves }),
  };
}
