/** An object of the API, as far as we write any. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** Where a namespace's ConfigMaps or Secrets are. */
export function pathIn(namespace: string, plural: 'configmaps' | 'secrets', name?: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}

/** The entries of a Secret. */
export function textsOf(secret: ApiObject | undefined): ReadonlyMap<string, string> {
  return new Map(Object.entries(secret?.data ?? {}).map(([name, text]) => [name, Buffer.from(text, 'base64').toString('utf8')]));
}
