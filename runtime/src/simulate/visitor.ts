/** Who comes and what is asked for, as filters of Envoy see it that let in or not. */
export interface Visitor {
  readonly connection: {
    /** Of whoever opened the connection. */
    readonly source: string;
    /** Of the client behind proxies, where that is known. @default source */
    readonly client?: string;
    readonly destination: { readonly address: string; readonly port: number };
    readonly sni?: string;
    /** From the client's certificate; undefined: the connection is not TLS. */
    readonly identity?: { readonly uris?: readonly string[]; readonly names?: readonly string[]; readonly subject?: string };
  };
  /** Undefined on connections that are not HTTP. */
  readonly request?: {
    readonly method: string;
    readonly authority: string;
    /** With its query. */
    readonly path: string;
    /** Names in lower case. */
    readonly headers: Readonly<Record<string, readonly string[]>>;
  };
  /** What filters before left behind, by their names. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** The path alone. */
export function pathOf({ request }: Visitor): string {
  return (request?.path ?? '').split(/[?#]/, 1)[0];
}

/** The values of a header or a pseudo-header. */
export function headersOf({ request }: Visitor, name: string): readonly string[] {
  const pseudo: Readonly<Record<string, string | undefined>> = { ':method': request?.method, ':authority': request?.authority, ':path': request?.path };
  const key = name.toLowerCase();
  const value = Object.hasOwn(pseudo, key) ? pseudo[key] : undefined;
  return value !== undefined ? [value] : Object.hasOwn(request?.headers ?? {}, key) ? request?.headers[key] ?? [] : [];
}
