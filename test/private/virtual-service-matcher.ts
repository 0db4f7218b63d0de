import type {
  VirtualServiceSpec, VirtualServiceSpecHttp, VirtualServiceSpecHttpMatch, VirtualServiceStringMatch,
} from '../../imports/istio/virtual-service.types';

/** A request as a proxy sees it. */
export interface SampleRequest {
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly source: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };
  readonly gateway?: string;
  readonly port?: number;
}

/** The route that Istio takes for a request: the first whose match list is empty or has an entry of which everything holds. */
export function routeOf(spec: VirtualServiceSpec, request: SampleRequest): VirtualServiceSpecHttp | undefined {
  return (spec.http ?? []).find(({ match }) => match === undefined || match.length === 0 || match.some((entry) => entryHolds(entry, request)));
}

function entryHolds(entry: VirtualServiceSpecHttpMatch, request: SampleRequest): boolean {
  const { source, headers, query } = request;
  return holds(entry.uri, request.path)
    && holds(entry.method, request.method)
    && (entry.gateways === undefined || entry.gateways.includes(request.gateway ?? 'mesh'))
    && (entry.port === undefined || entry.port === request.port)
    && (entry.sourceNamespace === undefined || entry.sourceNamespace === source.namespace)
    && Object.entries(entry.sourceLabels ?? {}).every(([name, value]) => source.labels[name] === value)
    && Object.entries(entry.headers ?? {}).every(([name, match]) => headers[name] !== undefined && holds(match, headers[name]))
    && !Object.entries(entry.withoutHeaders ?? {}).some(([name, match]) => headers[name] !== undefined && holds(match, headers[name]))
    && Object.entries(entry.queryParams ?? {}).every(([name, match]) => query[name] !== undefined && holds(match, query[name]));
}

function holds(match: VirtualServiceStringMatch | undefined, text: string): boolean {
  if (match === undefined) {
    return true;
  }
  return (match.exact === undefined || match.exact === text)
    && (match.prefix === undefined || text.startsWith(match.prefix))
    && (match.regex === undefined || new RegExp(`^(?:${match.regex})$`, 's').test(text));
}
