import type { VirtualServiceSpec, VirtualServiceSpecHttp } from '../../istio';
import { covers, isHostName, overlaps } from '../../model/host';
import { MESH_GATEWAY } from '../../model/route';
import { each, isEmpty, type Tell } from './tell';

type Operations = NonNullable<NonNullable<VirtualServiceSpecHttp['headers']>['request']>;

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', '*']);
/** What HTTP allows in a name (RFC 9110 5.6.2), Envoy's own names for what HTTP/1.1 has in its first line, and claims of tokens. */
const HEADER_NAME = /^(:?[-!#$%&'*+.^_`|~0-9A-Za-z]+|@request\.auth\.claims.*)$/i;
/** Of those only the host may be set. */
const HOST_NAMES: ReadonlySet<string> = new Set(['host', ':authority']);

export function checkVirtualService(spec: VirtualServiceSpec, tell: Tell): void {
  const { hosts = [], gateways = [MESH_GATEWAY], http, tcp, tls } = spec;
  if (!http?.length && !tcp?.length && !tls?.length) {
    tell('spec', 'has none of http, tcp and tls, so it routes nothing: add a route');
  }
  checkHosts(hosts, gateways, tell);
  each(http, 'spec.http', (rule, path) => checkRule(rule, path, tell));
  each(tls, 'spec.tls', ({ match }, path) => each(match, `${path}.match`, ({ sniHosts }, at) => each(sniHosts, `${at}.sniHosts`, (sni, place) => {
    if (hosts.length > 0 && !hosts.some((host) => covers(host, sni))) {
      tell(place, `'${sni}' is none of the hosts, which are ${hosts.join(', ')}: name it there too`);
    }
  })));
}

function checkHosts(hosts: readonly string[], gateways: readonly string[], tell: Tell): void {
  each(hosts, 'spec.hosts', (host, path, index) => {
    if (host === '*' && gateways.includes(MESH_GATEWAY)) {
      tell(path, 'is * for the whole mesh, where a rule is for services: name them, or bind the rule to a gateway');
    }
    const earlier = hosts.slice(0, index).find((other) => overlaps(other, host));
    if (earlier !== undefined && isHostName(host)) {
      tell(path, `'${host}' overlaps with '${earlier}' of the same list: leave one of them out`);
    }
  });
}

function checkRule(rule: VirtualServiceSpecHttp, path: string, tell: Tell): void {
  const { match, rewrite, redirect, fault, mirror, mirrors, corsPolicy, headers, route } = rule;
  each(match, `${path}.match`, ({ headers: wanted = {}, uri }, at) => {
    if (uri?.prefix === '') tell(`${at}.uri.prefix`, 'is empty: write / for every path, or leave the match out');
    for (const name of Object.keys(wanted).filter((one) => !HEADER_NAME.test(one))) tell(`${at}.headers`, `'${name}' is no name of a header`);
  });
  if (rewrite && isEmpty(rewrite)) tell(`${path}.rewrite`, 'has none of uri, uriRegexRewrite and authority, so it changes nothing');
  if (rewrite?.uri && rewrite.uriRegexRewrite) tell(`${path}.rewrite`, 'has uri and uriRegexRewrite: write one of them');
  if (redirect && isEmpty(redirect)) tell(`${path}.redirect`, 'has none of uri, authority, port and scheme, so clients are sent to where they are');
  if (fault && !fault.abort && !fault.delay) tell(`${path}.fault`, 'has neither abort nor delay, so it does nothing');
  if (mirror && mirrors?.length) tell(`${path}.mirrors`, 'stands beside mirror: write all copies into mirrors');
  each(corsPolicy?.allowMethods, `${path}.corsPolicy.allowMethods`, (method, at) => {
    if (!METHODS.has(method)) tell(at, `'${method}' is none of ${[...METHODS].join(', ')}`);
  });
  if (/\.\d*[1-9]\d*s$|[mun]s$/.test(corsPolicy?.maxAge ?? '')) tell(`${path}.corsPolicy.maxAge`, `${corsPolicy?.maxAge} is no whole number of seconds, which browsers take only`);
  checkHeaders(headers, `${path}.headers`, tell);
  each(route, `${path}.route`, (one, at) => checkHeaders(one.headers, `${at}.headers`, tell));
}

function checkHeaders({ request, response }: NonNullable<VirtualServiceSpecHttp['headers']> = {}, path: string, tell: Tell): void {
  checkOperations(request, { path: `${path}.request`, hostMayBeSet: true }, tell);
  checkOperations(response, { path: `${path}.response`, hostMayBeSet: false }, tell);
}

function checkOperations({ set = {}, add = {}, remove = [] }: Operations = {}, { path, hostMayBeSet }: { path: string; hostMayBeSet: boolean }, tell: Tell): void {
  for (const [word, names] of Object.entries({ set: Object.keys(set), add: Object.keys(add), remove })) {
    for (const name of names) {
      const isHost = HOST_NAMES.has(name.toLowerCase());
      if ((isHost || name.startsWith(':')) && !(isHost && hostMayBeSet && word !== 'remove')) {
        tell(`${path}.${word}`, `'${name}' is no header that a rule may change: use rewrite for paths and hosts`);
      }
    }
  }
}
