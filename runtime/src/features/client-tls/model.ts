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

/** `plain`: no TLS of this kind was asked for, but none at all or that of the mesh. */
export const clientTls = key<ClientTls | 'plain'>('clientTls');
