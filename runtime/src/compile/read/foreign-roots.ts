import { X509Certificate } from 'node:crypto';
import type { MeshConfigSpecCaCertificates } from '../../../../imports/istio/mesh-config.types';
import type { MeshProxyConfig } from '../../istio';
import type { ForeignRoots } from '../../model/mesh';
import type { Place } from '../../model/place';

/**
 * Authorities that workloads trust beside the mesh's own. Each counts for all names that policies let in: Istio too keeps one list for all trust
 * domains (pilot/pkg/trustbundle).
 */
export function readForeignRoots(specs: readonly MeshConfigSpecCaCertificates[], place: Place): ForeignRoots {
  const pems = specs.flatMap(({ pem }, i) => (pem ? readRoots(pem, place.at(i).at('pem')) : []));
  const bundles = specs.flatMap(({ pem, spiffeBundleUrl: url }, i) => (!pem && url ? readUrl(url, place.at(i).at('spiffeBundleUrl')) : []));
  specs.forEach(({ pem, spiffeBundleUrl }, i) => {
    if (!pem && !spiffeBundleUrl) place.at(i).problem('names no authority: write its certificate (pem), or where it tells its bundle (spiffeBundleUrl)');
    if (pem && spiffeBundleUrl) place.at(i).at('spiffeBundleUrl').problem('is not looked at beside pem: write two entries');
  });
  return { pems: [...new Set(pems)], bundles: [...new Set(bundles)] };
}

/** Those of a ProxyConfig are the agent's, which has nobody to tell what is wrong with them. */
export function checkProxyRoots({ caCertificatesPem = [] }: MeshProxyConfig, place: Place): void {
  caCertificatesPem.forEach((pem, i) => readRoots(pem, place.at('caCertificatesPem').at(i)));
}

/** The certificates of a text; of one that is no authority nothing is taken. */
function readRoots(text: string, place: Place): string[] {
  const blocks = String(text).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) place.problem('holds no certificate in PEM (-----BEGIN CERTIFICATE-----): nobody is trusted by it');
  return blocks.flatMap((block, i) => {
    const root = parse(block);
    if (root?.ca) return [root.toString()];
    place.problem(`certificate ${i + 1} of ${blocks.length} ${root ? 'is not that of an authority (CA:TRUE): name the one that signs' : 'cannot be read'}; nobody is trusted by it`);
    return [];
  });
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** SPIFFE demands HTTPS, by which a bundle is believed: https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE_Federation.md */
function readUrl(url: string, place: Place): string[] {
  if (URL.canParse(url) && new URL(url).protocol === 'https:') return [url];
  place.problem(`'${url}' is no URL of HTTPS, which alone proves whose bundle it is: it is left out`);
  return [];
}
