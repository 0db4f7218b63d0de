/** A checks file as YAML gives it, once the schema has found nothing wrong with it. */
export interface RawFile {
  readonly namespace?: string;
  readonly outside?: readonly string[];
  readonly certificates?: Readonly<Record<string, RawCertificate>>;
  readonly secrets?: Readonly<Record<string, string | RawSecret>>;
  readonly checks: readonly RawCheck[];
}

export interface RawCertificate {
  readonly hosts: string | readonly string[];
  readonly authority?: string;
  readonly key?: 'ecdsa' | 'rsa';
  readonly expired?: boolean;
  readonly revoked?: boolean;
}

export interface RawSecret {
  readonly certificate?: string;
  readonly trust?: string;
  readonly revocations?: boolean;
}

export interface RawTls {
  readonly trust?: string;
  readonly certificate?: string;
  readonly sni?: string;
  readonly version?: string | number;
  readonly cipher?: string;
}

export interface RawCheck extends RawStep {
  readonly name: string;
  readonly proves?: readonly string[];
  readonly skip?: string;
  readonly steps?: readonly RawStep[];
}

export const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'] as const;
export const ACTIONS = ['apply', 'remove', 'scale', 'kill', 'restart', 'wait', 'secrets'] as const;
/** What makes a call. */
export const CALL_VERBS = [...METHODS, 'grpc', 'grpc-web', 'websocket', 'tcp'] as const;
/** What only a call has. */
export const CALL_WORDS = [
  'from', 'gateway', 'headers', 'cookie', 'body', 'send', 'greeting', 'pause', 'http', 'tls', 'times', 'parallel', 'timeout', 'within', 'during', 'expect',
] as const;

export type Method = (typeof METHODS)[number];

export interface RawStep extends Readonly<Partial<Record<Method, string>>> {
  readonly grpc?: string;
  readonly 'grpc-web'?: string;
  readonly websocket?: string;
  readonly tcp?: string;
  readonly from?: string;
  readonly gateway?: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly cookie?: string;
  readonly body?: string;
  readonly send?: string | readonly string[];
  readonly greeting?: boolean;
  readonly pause?: string;
  readonly http?: string | number;
  readonly tls?: RawTls;
  readonly times?: number;
  readonly parallel?: number;
  readonly timeout?: string;
  readonly within?: string;
  readonly during?: readonly RawStep[];
  readonly expect?: RawExpect;
  readonly apply?: string | object | readonly object[];
  readonly remove?: string;
  readonly scale?: Readonly<Record<string, number>>;
  readonly kill?: string;
  readonly restart?: string;
  readonly wait?: string;
  readonly secrets?: Readonly<Record<string, string | RawSecret>>;
}

export type RawCounts = Readonly<Record<string, number | string>>;

export interface RawExpect {
  readonly status?: number | RawCounts;
  readonly grpc?: string | RawCounts;
  readonly by?: string | RawCounts;
  readonly pods?: number | string;
  readonly body?: RawText;
  readonly headers?: Readonly<Record<string, RawHeader>>;
  readonly took?: string;
  readonly error?: true | string;
  readonly tls?: RawTlsExpect;
  readonly containing?: RawCounts;
  readonly stats?: RawStats | readonly RawStats[];
  readonly log?: RawLog | readonly RawLog[];
  readonly problems?: readonly string[];
}

export interface RawTlsExpect {
  readonly certificate?: string;
  readonly version?: string | number;
  readonly cipher?: string;
  readonly alpn?: string;
}

export type RawText = string | readonly string[] | {
  readonly contains?: string | readonly string[];
  readonly not?: string | readonly string[];
  readonly matches?: string;
  readonly equals?: string;
  readonly json?: Readonly<Record<string, unknown>>;
};

export type RawHeader = string | number | boolean | {
  readonly equals?: string | number;
  readonly contains?: string;
  readonly matches?: string;
  readonly answers?: number | string;
};

export interface RawStats {
  readonly of: string;
  readonly increase?: RawCounts;
  readonly value?: RawCounts;
}

export interface RawLog {
  readonly of: string;
  readonly container?: string;
  readonly contains?: string | readonly string[];
  readonly matches?: string;
  readonly lines?: number | string;
}
