import { key } from '../../model/attachment';

/** TLS that the proxy opens towards a destination. Paths are files of the proxy's container. */
export interface ClientTls {
  readonly sni?: string;
  readonly subjectAltNames: readonly string[];
  /** A file, a Secret in the proxy's namespace, or what the system trusts. */
  readonly trust: { readonly file: string } | { readonly secret: string } | 'system' | 'anything';
  readonly crl?: string;
  readonly certificate?: { readonly chain: string; readonly key: string } | { readonly secret: string };
}

/** Undefined values mean: plain text was asked for. */
export const clientTls = key<ClientTls | 'plain'>('clientTls');
