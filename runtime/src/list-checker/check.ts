import type { List } from './list';

/** What is known of a request, however it was told. */
export interface Subject {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly method: string;
  readonly path: string;
  readonly host: string;
  /** The caller's address, and its identity without `spiffe://`; empty where nobody says. */
  readonly address: string;
  readonly principal: string;
}

/** What of a request is looked up: `header:NAME`, or one of these. */
export const ATTRIBUTES = ['method', 'path', 'host', 'source.ip', 'source.principal'] as const;
export type Attribute = `header:${string}` | (typeof ATTRIBUTES)[number];

export interface Rules {
  readonly attribute: Attribute;
  /** `allow`: only what is in the list passes; `deny`: only what is not. */
  readonly mode: 'allow' | 'deny';
}

export interface Verdict {
  readonly allowed: boolean;
  readonly value: string;
  readonly reason: string;
}

/** Without a list nobody passes: who is on it cannot be known. A request without the value is not on it. */
export function check(subject: Subject, list: List | undefined, { attribute, mode }: Rules): Verdict {
  const value = valueOf(subject, attribute);
  if (!list) {
    return { allowed: false, value, reason: 'the list is not there yet' };
  }
  const listed = value !== '' && list.has(value);
  const what = value === '' ? `no ${attribute}` : `${attribute} ${value}`;
  return { allowed: listed === (mode === 'allow'), value, reason: `${what} is ${listed ? '' : 'not '}on the list` };
}

function valueOf({ headers, method, path, host, address, principal }: Subject, attribute: Attribute): string {
  switch (attribute) {
    case 'method':
      return method;
    case 'path':
      return path.split('?', 1)[0] ?? '';
    case 'host':
      return host;
    case 'source.ip':
      return address;
    case 'source.principal':
      return principal;
    default:
      return headers[attribute.slice('header:'.length).toLowerCase()] ?? '';
  }
}
