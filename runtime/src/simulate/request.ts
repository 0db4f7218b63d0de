import type { HttpConnectionManager } from '../envoy';
import type { Call } from './call';
import { NotModelled } from './modelled';

/** A request as routes see it: after the connection manager had a look at it. */
export interface Request {
  /** Lower case. */
  readonly authority: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The value of a header, or of a pseudo-header such as `:method`; several values are joined, as Envoy does. */
  header(name: string): string | undefined;
}

export function requestOf(call: Call, manager: HttpConnectionManager): Request {
  const [target] = (call.path ?? '/').split('#', 1);
  const cut = target.indexOf('?');
  const path = normalized(cut < 0 ? target : target.slice(0, cut), manager);
  const query = cut < 0 ? '' : target.slice(cut + 1);
  const headers = new Map(Object.entries(call.headers ?? {}).map(([name, values]) => [name.toLowerCase(), values.join(',')]));
  const authority = withoutPort(call.authority ?? headers.get('host') ?? '', call.port, manager);
  const pseudo = new Map([
    [':authority', authority],
    [':path', query === '' ? path : `${path}?${query}`],
    [':method', call.method ?? headers.get(':method') ?? 'GET'],
    [':scheme', call.tls === 'plaintext' ? 'http' : 'https'],
  ]);
  return { authority: authority.toLowerCase(), path, query: new URLSearchParams(query), header: (name) => pseudo.get(name) ?? headers.get(name.toLowerCase()) };
}

/** `a/./b/../c` is `a/c` for a manager that normalizes paths; what it makes of escapes is not modelled. */
function normalized(path: string, { normalizePath, mergeSlashes }: HttpConnectionManager): string {
  if (!normalizePath?.value || !/(^|\/)\.{1,2}(\/|$)|\\|%/.test(path)) {
    return mergeSlashes ? path.replace(/\/{2,}/g, '/') : path;
  }
  if (/[\\%]/.test(path)) {
    throw new NotModelled(`path ${path}`, 'how Envoy normalizes backslashes and escapes is not modelled');
  }
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  segments.forEach((segment, i) => {
    const last = i === segments.length - 1;
    if (segment === '..') {
      kept.pop();
    }
    if (segment === '.' || segment === '..') {
      kept.push(...(last ? [''] : []));
    } else {
      kept.push(segment);
    }
  });
  return `/${kept.join('/')}`;
}

function withoutPort(authority: string, port: number, { stripAnyHostPort, stripMatchingHostPort }: HttpConnectionManager): string {
  const found = /:(\d+)$/.exec(authority);
  const strip = found && (stripAnyHostPort || (stripMatchingHostPort && Number(found[1]) === port));
  return strip ? authority.slice(0, found.index) : authority;
}
