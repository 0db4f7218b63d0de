import type { Resource } from '../model/resource';

export interface ConfigMap extends Resource {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

export interface Secret extends Resource {
  readonly type?: string;
  /** Values are base64. */
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
}

export type Namespace = Resource;
export type ServiceAccount = Resource;
