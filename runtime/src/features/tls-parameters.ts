import type { MeshConfigSpecTlsDefaults } from '../../../imports/istio/mesh-config.types';
import { key } from '../model/attachment';
import type { Place } from '../model/place';

/** What MeshConfig says of TLS with certificates that are not the mesh's own. */
export interface TlsDefaults {
  /** Of servers. */
  readonly minVersion?: 'TLSV1_2' | 'TLSV1_3';
  readonly cipherSuites?: readonly string[];
  readonly ecdhCurves?: readonly string[];
}

export const tlsDefaults = key<TlsDefaults>('tlsDefaults');

export function readTlsDefaults({ minProtocolVersion, cipherSuites, ecdhCurves }: MeshConfigSpecTlsDefaults, place: Place): TlsDefaults {
  return {
    ...(minProtocolVersion && minProtocolVersion !== 'TLS_AUTO' && { minVersion: minProtocolVersion }),
    cipherSuites: readCipherSuites(cipherSuites, place.at('cipherSuites')),
    ecdhCurves: readCurves(ecdhCurves, place.at('ecdhCurves')),
  };
}

/** What BoringSSL knows below TLS 1.3. */
const CIPHER_SUITES: ReadonlySet<string> = new Set([
  'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305', 'ECDHE-ECDSA-AES256-SHA', 'ECDHE-RSA-AES256-SHA', 'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA', 'AES256-GCM-SHA384', 'AES128-GCM-SHA256', 'AES256-SHA', 'AES128-SHA',
]);

/** Curves and groups that it can agree on keys with. */
const CURVES: ReadonlySet<string> = new Set(['X25519', 'P-256', 'P-384', 'P-521', 'X25519MLKEM768', 'X25519Kyber768Draft00']);

/** Undefined where nothing is left: then defaults hold. */
export function readCipherSuites(names: readonly string[] | undefined, place: Place): readonly string[] | undefined {
  return readKnown(names, CIPHER_SUITES, (name, known) => place.at(name.index).problem(
    `'${name.text}' is no cipher suite that Envoy knows: use ${known.slice(0, 4).join(', ')} …; it is left out`));
}

export function readCurves(names: readonly string[] | undefined, place: Place): readonly string[] | undefined {
  return readKnown(names, CURVES, (name, known) => place.at(name.index).problem(
    `'${name.text}' is no curve that Envoy knows: use ${known.slice(0, 4).join(', ')} …; it is left out`));
}

type Unknown = (name: { readonly text: string; readonly index: number }, known: readonly string[]) => void;

function readKnown(names: readonly string[] = [], known: ReadonlySet<string>, unknown: Unknown): readonly string[] | undefined {
  const kept = names.filter((text, index) => {
    if (!known.has(text)) {
      unknown({ text, index }, [...known]);
    }
    return known.has(text);
  });
  return kept.length > 0 ? kept : undefined;
}
