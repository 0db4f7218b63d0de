import { configurationJson } from '../control/static-bootstrap';
import type { Configuration } from '../model/configuration';
import { formatTable } from './table';

type Json = Record<string, unknown>;

/** What a proxy has, for people: as `istioctl proxy-config` shows it. */
export function configurationTable(configuration: Configuration): string {
  const { listeners, routes, clusters, endpoints } = configurationJson(configuration);
  return [
    section('LISTENERS', ['name', 'address', 'filter chains'], listeners.map(listenerRow)),
    section('ROUTES', ['name', 'virtual hosts', 'domains', 'routes'], routes.flatMap(routeRows)),
    section('CLUSTERS', ['name', 'type', 'settings'], clusters.map(clusterRow)),
    section('ENDPOINTS', ['cluster', 'endpoint', 'weight'], endpoints.flatMap(endpointRows)),
  ].join('\n\n');
}

function section(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  return `${title} (${rows.length})\n${formatTable(head, rows)}`;
}

function listenerRow(listener: Json): string[] {
  const chains = list(listener.filterChains).map((chain) => String(chain.name ?? (list(chain.filters)[0]?.name ?? '')).replace(/^envoy\.filters\.network\./, ''));
  const fallback = listener.defaultFilterChain ? ['default'] : [];
  return [String(listener.name), addressText(listener.address), [...new Set([...chains, ...fallback])].join(', ')];
}

function routeRows(route: Json): string[][] {
  return list(route.virtualHosts).map((host) => [
    String(route.name), String(host.name), shorten((host.domains as string[] | undefined ?? []).join(', ')), list(host.routes).map(routeText).join(' · '),
  ]);
}

function routeText({ match, route, redirect, directResponse }: Json): string {
  const { prefix, path, safeRegex, headers } = match as { prefix?: string; path?: string; safeRegex?: { regex: string }; headers?: unknown[] };
  const when = path ?? (prefix === undefined ? `~${safeRegex?.regex ?? ''}` : `${prefix}*`);
  const { cluster, weightedClusters } = (route ?? {}) as { cluster?: string; weightedClusters?: { clusters: { name: string; weight?: number }[] } };
  const to = weightedClusters?.clusters.map(({ name, weight = 0 }) => `${weight} ${name}`).join(' / ') ?? cluster;
  return `${when}${headers ? ` +${headers.length} headers` : ''} → ${to ?? (redirect ? 'redirect' : `status ${String((directResponse as Json | undefined)?.status ?? '')}`)}`;
}

function clusterRow(cluster: Json): string[] {
  const settings = ['lbPolicy', 'connectTimeout', 'circuitBreakers', 'outlierDetection', 'transportSocket'].filter((name) => name in cluster);
  return [String(cluster.name), String(cluster.type ?? 'STATIC'), settings.join(', ')];
}

function endpointRows({ clusterName, endpoints }: Json): string[][] {
  const found = list(endpoints).flatMap((locality) => list(locality.lbEndpoints)).map((endpoint) => [
    String(clusterName), addressText((endpoint.endpoint as Json | undefined)?.address), String(endpoint.loadBalancingWeight ?? ''),
  ]);
  return found.length > 0 ? found : [[String(clusterName), '–', '']];
}

function addressText(address: unknown): string {
  const { socketAddress, pipe } = (address ?? {}) as { socketAddress?: { address: string; portValue?: number }; pipe?: { path: string } };
  return socketAddress ? `${socketAddress.address}:${socketAddress.portValue ?? 0}` : pipe?.path ?? '';
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value as Json[] : [];
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
