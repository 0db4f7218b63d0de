import { STATUS_CODES } from 'node:http';
import type { VirtualServiceSpecHttp } from '../../istio';
import { checkDestination, checkHeaders, isOfAuthority } from './http-destination';
import { checkMatch, checkPattern } from './http-match';
import { each, isEmpty, type Tell } from './tell';

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', '*']);
const CORS_HEADER = /^([-_a-z0-9]+|\*)$/i;
/** Of less than a ten-thousandth of a percent nothing is left, where proxies count in millionths. */
const SMALLEST_SHARE = 0.0001;

export function checkRule(rule: VirtualServiceSpecHttp, path: string, tell: Tell): void {
  const { match, rewrite, redirect, directResponse, fault, mirror, mirrors, corsPolicy, headers, route, timeout } = rule;
  each(match, `${path}.match`, (one, at) => checkMatch(one, at, tell));
  checkRewrite(rewrite, `${path}.rewrite`, tell);
  checkRedirect(rule, path, tell);
  if (fault && !fault.abort && !fault.delay) tell(`${path}.fault`, 'has neither abort nor delay, so it does nothing');
  if (fault && (redirect || directResponse)) tell(`${path}.fault`, `stands beside ${redirect ? 'redirect' : 'directResponse'}, and faults are for requests that are passed on: give it a rule of its own`);
  for (const field of ['abort', 'delay'] as const) {
    const share = fault?.[field]?.percentage?.value ?? 0;
    if (share > 0 && share < SMALLEST_SHARE) tell(`${path}.fault.${field}.percentage.value`, `is ${share}, of which nothing is left: the smallest share is ${SMALLEST_SHARE}`);
  }
  if (mirror && mirrors?.length) tell(`${path}.mirrors`, 'stands beside mirror: write all copies into mirrors');
  if (mirror) checkDestination(mirror, `${path}.mirror`, tell);
  each(mirrors, `${path}.mirrors`, ({ destination }, at) => checkDestination(destination, `${at}.destination`, tell));
  checkCors(corsPolicy, `${path}.corsPolicy`, tell);
  checkRetries(rule.retries, `${path}.retries`, tell);
  checkPrecision(timeout, `${path}.timeout`, tell);
  checkHeaders(headers, `${path}.headers`, tell);
  checkAuthority(rule, path, tell);
  each(route, `${path}.route`, (one, at) => {
    checkHeaders(one.headers, `${at}.headers`, tell);
    checkDestination(one.destination, `${at}.destination`, tell);
    if ((one.weight ?? 0) < 0) tell(`${at}.weight`, `is ${one.weight}: a share cannot be less than nothing`);
  });
}

/** The host can be written once only; validateAuthorityRewrite. */
function checkAuthority({ rewrite, headers }: VirtualServiceSpecHttp, path: string, tell: Tell): void {
  const { set = {}, add = {} } = headers?.request ?? {};
  const writers = [...(rewrite?.authority ? ['rewrite.authority'] : []), ...Object.entries({ set, add }).flatMap(([word, names]) => (
    Object.keys(names).filter(isOfAuthority).map((name) => `headers.request.${word}.${name}`)))];
  if (writers.length > 1) tell(`${path}.${writers[1]}`, `writes the host that ${writers[0]} writes too: leave one of them out`);
}

function checkRewrite(rewrite: VirtualServiceSpecHttp['rewrite'], path: string, tell: Tell): void {
  if (!rewrite) return;
  const { uri, authority, uriRegexRewrite } = rewrite;
  if (!uri && !authority && !uriRegexRewrite) tell(path, 'has none of uri, uriRegexRewrite and authority, so it changes nothing');
  if (uri && uriRegexRewrite) tell(path, 'has uri and uriRegexRewrite: write one of them');
  if (uriRegexRewrite?.match && !uriRegexRewrite.rewrite) tell(`${path}.uriRegexRewrite.rewrite`, 'is missing: what is to stand in the place of what fits?');
}

function checkRedirect({ redirect, match }: VirtualServiceSpecHttp, path: string, tell: Tell): void {
  if (!redirect) return;
  const { uri, prefixRewrite, authority, port, derivePort, scheme } = redirect;
  if (!uri && !prefixRewrite && !authority && port === undefined && derivePort === undefined && !scheme) {
    tell(`${path}.redirect`, 'has none of uri, authority, port and scheme, so clients are sent to where they are');
  }
  if (prefixRewrite && match?.some(({ uri: wanted }) => wanted && !isEmpty(wanted) && wanted.prefix === undefined)) {
    tell(`${path}.redirect.prefixRewrite`, 'takes the place of the prefix that fitted, and a match of the rule has a path that is none: write uri');
  }
}

function checkCors(policy: VirtualServiceSpecHttp['corsPolicy'], path: string, tell: Tell): void {
  each(policy?.allowOrigins, `${path}.allowOrigins`, (origin, at) => {
    if (!origin.exact && !origin.prefix && !origin.regex) tell(at, 'names no origin: write exact, prefix or regex');
    else checkPattern(origin, at, tell);
  });
  each(policy?.allowMethods, `${path}.allowMethods`, (method, at) => {
    if (!METHODS.has(method)) tell(at, `'${method}' is none of ${[...METHODS].join(', ')}`);
  });
  for (const field of ['allowHeaders', 'exposeHeaders'] as const) {
    each(policy?.[field], `${path}.${field}`, (name, at) => {
      if (!CORS_HEADER.test(name)) tell(at, `'${name}' is no name of a header`);
    });
  }
  if (/\.\d*[1-9]\d*s$|[mun]s$/.test(policy?.maxAge ?? '')) tell(`${path}.maxAge`, `${policy?.maxAge} is no whole number of seconds, which browsers take only`);
}

function checkRetries(retries: VirtualServiceSpecHttp['retries'], path: string, tell: Tell): void {
  if ((retries?.attempts ?? 0) < 0) tell(`${path}.attempts`, `is ${retries?.attempts}: 0 is for no other attempt`);
  const words = retries?.retryOn ? retries.retryOn.split(',') : [];
  for (const word of words.filter((one) => one === '' || /^\s|\s$/.test(one) || (/^\d+$/.test(one) && !STATUS_CODES[one]))) {
    tell(`${path}.retryOn`, `'${word}' is nothing to retry on: write the words and statuses with a comma, and nothing else, between them`);
  }
}

/** Istio counts in milliseconds. */
export function checkPrecision(duration: string | undefined, path: string, tell: Tell): void {
  if (/\d(us|µs|ns)|\.\d{3}\d*[1-9]\d*s|\.\d*[1-9]\d*ms/.test(duration ?? '')) tell(path, `'${duration}' is no whole number of milliseconds, and Istio refuses what is finer`);
}
