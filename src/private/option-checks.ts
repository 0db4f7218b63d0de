import type { IConstruct } from 'constructs';
import type { CorsPolicy, FixedAnswer, HeaderChanges, HeaderOperations, Redirect, Retries, Rewrite } from '../route-rule';
import { invalid } from './invalid-value';
import { checkWhole } from './number-range';
import { checkRegex } from './regex';

const RETRY_ON = new Set([
  '5xx', 'gateway-error', 'reset', 'reset-before-request', 'connect-failure', 'refused-stream', 'retriable-4xx', 'retriable-status-codes',
  'retriable-headers', 'envoy-ratelimited', 'http3-post-connect-failure', 'cancelled', 'deadline-exceeded', 'internal', 'resource-exhausted', 'unavailable',
]);
/** Envoy's `max_direct_response_body_size_bytes`. */
const LONGEST_BODY = 4096;
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', '*']);
/** A command operator of Envoy's formatter: `%REQ(X-Request-Id)%`. */
const COMMAND = /%[A-Z0-9_]+(\([^)]*\))?(:\d+)?%/g;
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/** What Istio's webhook would refuse, or would take without doing anything, is refused where it is written. */
export function checkRetries({ attempts, on, ...others }: Retries, construct: IConstruct): void {
  checkWhole(attempts, 'retries.attempts', construct, { min: 0 });
  const beside = Object.entries({ on, ...others }).flatMap(([name, value]) => (value === undefined ? [] : [`\`${name}\``]));
  if (attempts === 0 && beside.length > 0) {
    throw invalid(construct, '`retries.attempts` is 0, so nothing else of `retries` can hold', `leave ${beside.join(' and ')} out, or allow attempts`);
  }
  if (on?.length === 0) {
    throw invalid(construct, '`retries.on` is empty', 'leave it out for Istio\'s own conditions, or set `attempts: 0` for no retries');
  }
  const unknown = on?.find((condition) => !RETRY_ON.has(condition) && !/^[1-5]\d\d$/.test(condition));
  if (unknown !== undefined) {
    throw invalid(construct, `\`retries.on\` has "${unknown}", which Istio does not know`, `use HTTP statuses such as '503', or ${[...RETRY_ON].join(', ')}`);
  }
}

/** Refuses names and values that Envoy would not take in a header. */
export function checkHeaderChanges({ request, response }: HeaderChanges, construct: IConstruct): void {
  checkOperations(request, 'changeHeaders.request', construct);
  checkOperations(response, 'changeHeaders.response', construct);
}

function checkOperations(operations: HeaderOperations | undefined, where: string, construct: IConstruct): void {
  const { set = {}, add = {}, remove = [] } = operations ?? {};
  const given = [...Object.entries(set), ...Object.entries(add)];
  const authority = where === 'changeHeaders.request' ? [':authority'] : [];
  const wrong = [...given.map(([name]) => name).filter((name) => !authority.includes(name)), ...remove].find((name) => !TOKEN.test(name));
  if (wrong !== undefined) {
    throw invalid(construct, `${where} has "${wrong}", which is no header name`, 'header names are letters, digits and hyphens');
  }
  const formatted = given.find(([, value]) => value.replace(/%%/g, '').replace(COMMAND, '').includes('%'));
  if (formatted !== undefined) {
    throw invalid(construct, `${where} gives ${formatted[0]} the value "${formatted[1]}", where Envoy takes "%" as the beginning of a command`, 'write "%%" for a percent sign');
  }
}

/** Refuses a policy that allows nothing, and what Istio refuses of it. */
export function checkCors({ origins, methods = [], maxAge }: CorsPolicy, construct: IConstruct): void {
  if (origins.length === 0 || origins.includes('')) {
    throw invalid(construct, '`cors.origins` names no origin', 'give it origins such as "https://shop.example.com", or "*"');
  }
  const bare = origins.find((origin): origin is string => typeof origin === 'string' && origin !== '*' && origin !== 'null' && !origin.includes('://'));
  if (bare !== undefined) {
    throw invalid(construct, `\`cors.origins\` has "${bare}", which no browser sends: an origin begins with its scheme`, `write "https://${bare}"`);
  }
  const method = methods.find((name) => !METHODS.has(name));
  if (method !== undefined) {
    throw invalid(construct, `\`cors.methods\` has "${method}", which is no method`, `use ${[...METHODS].join(', ')}`);
  }
  const seconds = maxAge?.toSeconds({ integral: false }) ?? 1;
  if (!Number.isInteger(seconds) || seconds < 1) {
    throw invalid(construct, `cors.maxAge must be whole seconds, at least one, got ${seconds * 1000} ms`, 'give cors.maxAge as Duration.seconds(1) or more');
  }
}

/** A redirect that changes nothing sends clients in a circle. */
export function checkRedirect({ path, prefix, host, scheme, port, code }: Redirect, construct: IConstruct): void {
  if ((path ?? prefix ?? host ?? scheme ?? port) === undefined) {
    throw invalid(construct, '`redirect` sends clients to where they are', 'give it at least one of `path`, `prefix`, `host`, `scheme` and `port`');
  }
  if (path !== undefined && prefix !== undefined) {
    throw invalid(construct, '`redirect` has both `path` and `prefix`', 'replace the whole path, or the prefix that matched');
  }
  checkPath(path, 'redirect.path', construct);
  checkPath(prefix, 'redirect.prefix', construct);
  if (typeof port === 'number') {
    checkWhole(port, 'redirect.port', construct, { min: 1, max: 65535 });
  }
  if (code !== undefined) {
    checkWhole(code, 'redirect.code', construct, { min: 300, max: 399 });
  }
}

/** Every path begins with a slash, a rewritten one too. */
export function checkRewrite(rewrite: Rewrite, construct: IConstruct): void {
  checkPath('prefix' in rewrite ? rewrite.prefix : undefined, 'rewrite.prefix', construct);
  checkPath('path' in rewrite ? rewrite.path : undefined, 'rewrite.path', construct);
  if ('regex' in rewrite) {
    checkRegex(rewrite.regex);
  }
}

/** Refuses an answer that Envoy would not give. */
export function checkAnswer({ status, body }: FixedAnswer, construct: IConstruct): void {
  checkWhole(status, 'answer.status', construct, { min: 200, max: 599 });
  const size = body === undefined ? 0 : Buffer.byteLength(body);
  if (size > LONGEST_BODY) {
    throw invalid(construct, `answer.body has ${size} bytes, Envoy answers with at most ${LONGEST_BODY}`, 'let a service answer instead');
  }
}

function checkPath(path: string | undefined, name: string, construct: IConstruct): void {
  if (path !== undefined && !path.startsWith('/')) {
    throw invalid(construct, `${name} "${path}" does not begin with "/"`, `write "/${path}"`);
  }
}
