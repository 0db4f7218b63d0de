import type {
  MeshConfigSpecExtensionProviders as Provider, MeshConfigSpecExtensionProvidersEnvoyExtAuthzGrpc as GrpcSpec, MeshConfigSpecExtensionProvidersEnvoyExtAuthzHttp as HttpSpec,
} from '../../../../imports/istio/mesh-config.types';
import type { Place } from '../../model/place';
import { readDuration } from '../duration';
import { readHeaderToken } from '../header-format';
import { PORT, readRequired } from '../number-range';
import type { Authorizer, HttpQuestions } from './model';

/** As Istio: for as long as anybody waits. */
const TIMEOUT = 600_000;
/** What Envoy knows as a status; https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/v3/http_status.proto */
const STATUSES: ReadonlySet<number> = new Set([
  100, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414,
  415, 416, 417, 421, 422, 423, 424, 426, 428, 429, 431, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511,
]);
const HEADER_LISTS = ['includeRequestHeadersInCheck', 'includeHeadersInCheck', 'headersToUpstreamOnAllow', 'headersToDownstreamOnDeny', 'headersToDownstreamOnAllow'] as const;

/** Every provider of this kind. One of which something cannot be read is there without anything else: who names it denies, as in Istio. */
export function readAuthorizers(specs: readonly Provider[], place: Place): ReadonlyMap<string, Authorizer | 'unreadable'> {
  const found = new Map<string, Authorizer | 'unreadable'>();
  specs.forEach((spec, i) => {
    if (spec.envoyExtAuthzHttp || spec.envoyExtAuthzGrpc) {
      const { name = '' } = spec;
      const authorizer = new AuthorizerReader(place.at(i)).read(spec);
      if (found.has(name)) {
        place.at(i).at('name').problem(`'${name}' is the name of an earlier provider too: policies that name it deny until each has its own`);
      }
      found.set(name, found.has(name) ? 'unreadable' : authorizer);
    }
  });
  return found;
}

/** Reads one provider, and remembers whether anything was wrong. */
class AuthorizerReader {
  private broken = false;

  public constructor(private readonly place: Place) {}

  public read({ name = '', envoyExtAuthzHttp: http, envoyExtAuthzGrpc: grpc }: Provider): Authorizer | 'unreadable' {
    // The name becomes a part of the names of Envoy's policies; validateProviderName of pilot/pkg/security/authz/builder/extauthz.go.
    this.check(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name), this.place.at('name'), `'${name}' is no name: use lower-case letters, digits and dashes, at most 63`);
    const authorizer = http ? { ...this.readCommon(name, http, this.place.at('envoyExtAuthzHttp')), http: this.readHttp(http, this.place.at('envoyExtAuthzHttp')) }
      : this.readCommon(name, grpc ?? {}, this.place.at('envoyExtAuthzGrpc'));
    return this.broken ? 'unreadable' : authorizer;
  }

  private readCommon(name: string, spec: HttpSpec & GrpcSpec, at: Place): Authorizer {
    const { service = '', failOpen = false, clearRouteCache: reroutes = false } = spec;
    this.check(service !== '', at.at('service'), 'is missing: name the service that decides, such as ext-authz.default.svc.cluster.local');
    const port = readRequired(spec.port, PORT, at.at('port'));
    this.broken ||= port === undefined;
    return {
      name, service, port: port ?? 0, failOpen, reroutes, timeout: readDuration(spec.timeout, at.at('timeout')) || TIMEOUT,
      statusOnError: this.readStatus(spec.statusOnError, at.at('statusOnError')), body: this.readBody(spec.includeRequestBodyInCheck, at.at('includeRequestBodyInCheck')),
    };
  }

  private readStatus(text: string | undefined, at: Place): number | undefined {
    const status = text ? Number(text) : undefined;
    this.check(status === undefined || STATUSES.has(status), at, `'${text}' is no status that Envoy knows: use one such as "403" or "503"`);
    return status;
  }

  private readBody(spec: HttpSpec['includeRequestBodyInCheck'], at: Place): Authorizer['body'] {
    if (!spec) {
      return undefined;
    }
    const { maxRequestBytes: maxBytes = 0, allowPartialMessage: partial = false, packAsBytes: raw = false } = spec;
    this.check(maxBytes > 0, at.at('maxRequestBytes'), `is ${maxBytes}: how much of the body is to be shown?`);
    return { maxBytes, partial, raw };
  }

  private readHttp(spec: HttpSpec, at: Place): HttpQuestions {
    const { pathPrefix = '' } = spec;
    this.check(pathPrefix === '' || (pathPrefix.startsWith('/') && !/[\s?#]/.test(pathPrefix)), at.at('pathPrefix'), `'${pathPrefix}' is no path: it begins with /`);
    for (const field of HEADER_LISTS) {
      (spec[field] ?? []).forEach((name, i) => this.check(name !== '*' && name !== '', at.at(field).at(i), `'${name}' is no header: write its name, x-* or *-x`));
    }
    const added = Object.entries(spec.includeAdditionalHeadersInCheck ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    added.forEach(([name]) => { this.broken = readHeaderToken(name, at.at('includeAdditionalHeadersInCheck').at(name)) === undefined || this.broken; });
    return {
      pathPrefix, added,
      asked: spec.includeRequestHeadersInCheck?.length ? spec.includeRequestHeadersInCheck : spec.includeHeadersInCheck ?? [],
      toUpstream: spec.headersToUpstreamOnAllow ?? [],
      toClientOnDeny: spec.headersToDownstreamOnDeny ?? [],
      toClientOnAllow: spec.headersToDownstreamOnAllow ?? [],
    };
  }

  private check(right: boolean, place: Place, message: string): void {
    if (!right) {
      this.broken = true;
      place.problem(`${message}; until then policies that name the provider deny`);
    }
  }
}
