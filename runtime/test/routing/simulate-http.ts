import { RE2JS } from 're2js';
import type { Json } from './envoy-json';
import type { Call, Outcome } from './simulate';

/** The virtual host and route of a request. */
export function routeRequest(table: Json, call: Call): Outcome {
  const outcome: Outcome = { routeConfig: table?.name };
  const host = findHost(table?.virtualHosts ?? [], (call.hostHeader ?? '').replace(/:\d+$/, '').toLowerCase());
  if (!host) {
    return { ...outcome, error: 'no virtual host matched' };
  }
  outcome.virtualHost = host.name;
  if (host.requireTls === 'ALL' && call.tls === 'plaintext') {
    return { ...outcome, error: 'tls required, sending 301' };
  }
  const route = (host.routes ?? []).find((one: Json) => matches(one.match, call));
  if (!route) {
    return { ...outcome, error: 'no route matched' };
  }
  const cluster = route.route?.cluster ?? route.route?.weightedClusters?.clusters[0].name;
  return { ...outcome, route: route.name, ...(cluster && { cluster }) };
}

/** Exact names first, then the longest wildcard, then `*`. */
function findHost(hosts: readonly Json[], name: string): Json {
  const rank = (domain: string) => {
    if (domain.toLowerCase() === name) {
      return 1000;
    }
    return domain === '*' ? 1 : domain.startsWith('*') && name.endsWith(domain.slice(1)) ? domain.length : 0;
  };
  const ranked = hosts.map((host) => ({ host, rank: Math.max(...host.domains.map(rank)) })).filter((one) => one.rank > 0);
  return ranked.sort((a, b) => b.rank - a.rank)[0]?.host;
}

export function matches(match: Json, call: Call): boolean {
  const [path, query = ''] = call.path.split('?', 2);
  return matchesPath(match, path)
    && (match.headers ?? []).every((header: Json) => matchesHeader(header, call))
    && (match.queryParameters ?? []).every((parameter: Json) => matchesQuery(parameter, new URLSearchParams(query)));
}

function matchesPath(match: Json, path: string): boolean {
  const fold = (text: string) => (match.caseSensitive === false ? text.toLowerCase() : text);
  if (match.path !== undefined) {
    return fold(match.path) === fold(path);
  }
  return match.safeRegex ? RE2JS.matches(match.safeRegex.regex, path) : fold(path).startsWith(fold(match.prefix ?? ''));
}

function headerOf(name: string, call: Call): string | undefined {
  if (name === ':authority') {
    return call.hostHeader;
  }
  const entry = Object.entries(call.headers ?? {}).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return name === ':method' ? entry?.[1][0] ?? 'GET' : entry?.[1].join(',');
}

function matchesHeader(header: Json, call: Call): boolean {
  const value = headerOf(header.name, call) ?? (header.treatMissingHeaderAsEmpty ? '' : undefined);
  const found = value !== undefined && (header.presentMatch || matchesString(header.stringMatch, value));
  return found !== (header.invertMatch ?? false);
}

function matchesQuery(parameter: Json, query: URLSearchParams): boolean {
  const value = query.get(parameter.name);
  return value !== null && (parameter.presentMatch || matchesString(parameter.stringMatch, value));
}

function matchesString(match: Json, value: string): boolean {
  if (match.exact !== undefined) {
    return match.exact === value;
  }
  return match.prefix !== undefined ? value.startsWith(match.prefix) : RE2JS.matches(match.safeRegex.regex, value);
}
