import { answered, answeredBy, body, containing, differentPods, error, grpc, header, NOBODY, status, took, type Answerer, type Distribution } from './answer-expectations';
import { CheckFault, show } from './fault';
import { jsonAt } from './json-path';
import { log, problems, stats } from './mesh-expectations';
import { checkName, type KnownCredentials } from './parse-credentials';
import { parseQuantity, type Quantity, type Unit } from './quantity';
import { parseWorkload, type WorkloadName } from './workload';
import type { Call } from './engine-port';
import type { Expectation } from './expectation';
import { tls } from './tls-expectation';
import type { RawCounts, RawExpect, RawHeader, RawLog, RawStats, RawText, RawTlsExpect } from './raw';

/** https://grpc.io/docs/guides/status-codes/; `error`: the connection gave no gRPC answer at all. */
const GRPC_STATUS = [
  'OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED', 'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED', 'error',
];

export interface Place {
  readonly path: string;
  readonly namespace?: string;
  readonly known: KnownCredentials;
}

export function parseExpect(raw: RawExpect, place: Place, call?: Call): Expectation[] {
  const at = (key: string): Place => ({ ...place, path: `${place.path}.${key}` });
  // Only a gRPC call has such a status, and unless something is said of its end it must be OK.
  const grpcStatus = raw.grpc ?? (call?.kind === 'grpc' && raw.status === undefined && raw.error === undefined ? 'OK' : undefined);
  if (raw.grpc !== undefined && call?.kind !== 'grpc') throw new CheckFault(at('grpc').path, 'only gRPC calls have a gRPC status');
  return [
    ...(raw.status === undefined && raw.error === undefined && grpcStatus === undefined ? [answered] : []),
    ...(grpcStatus === undefined ? [] : [grpc(parseGrpc(grpcStatus, at('grpc')))]),
    ...(raw.status === undefined ? [] : [status(typeof raw.status === 'number' ? raw.status : parseCounts(raw.status, at('status')))]),
    ...(raw.error === undefined ? [] : [error(raw.error)]),
    ...(raw.by === undefined ? [] : [parseBy(raw.by, at('by'))]),
    ...(raw.pods === undefined ? [] : [differentPods(quantity(raw.pods, 'count', at('pods')))]),
    ...Object.entries(raw.headers ?? {}).map(([name, value]) => parseHeader(name, value, at(`headers.${name}`))),
    ...(raw.body === undefined ? [] : parseText(raw.body, at('body'))),
    ...(raw.containing === undefined ? [] : [containing(parseCounts(raw.containing, at('containing')))]),
    ...(raw.tls === undefined ? [] : [parseTls(raw.tls, at('tls'))]),
    ...(raw.took === undefined ? [] : [took(quantity(raw.took, 'time', at('took')))]),
    ...list(raw.stats).map((spec) => parseStats(spec, at('stats'))),
    ...list(raw.log).map((spec) => parseLog(spec, at('log'))),
    ...(raw.problems === undefined ? [] : [problems(raw.problems)]),
  ];
}

export function workload(text: string, { path, namespace }: Place): WorkloadName {
  const name = parseWorkload(text, namespace);
  if (!name) throw new CheckFault(path, `got ${show(text)}, expected a workload: SERVICE, SERVICE/VERSION or SERVICE.NAMESPACE/VERSION`);
  return name;
}

function quantity(value: number | string, unit: Unit, { path }: Place): Quantity {
  const found = parseQuantity(value, unit);
  const expected = unit === 'time' ? 'a range of times such as under 1s, 6s..7s or 6s ± 500ms' : 'a number such as 5, 5..10, 100 ± 50, at least 1, 10 % ± 5 % or count of 503';
  if (!found) throw new CheckFault(path, `got ${show(value)}, expected ${expected}`);
  return found;
}

function parseCounts(raw: RawCounts, place: Place): Distribution {
  return new Map(Object.entries(raw).map(([key, value]) => [key, quantity(value, 'count', { ...place, path: `${place.path}.${key}` })]));
}

function parseGrpc(raw: string | RawCounts, place: Place): string | Distribution {
  const unknown = (typeof raw === 'string' ? [raw] : Object.keys(raw)).find((name) => !GRPC_STATUS.includes(name));
  if (unknown !== undefined) throw new CheckFault(place.path, `got ${show(unknown)}, expected one of ${GRPC_STATUS.join(', ')}`);
  return typeof raw === 'string' ? raw : parseCounts(raw, place);
}

function parseBy(raw: string | RawCounts, place: Place): Expectation {
  const answerer = (text: string, count?: Quantity): Answerer => ({ text, count, workload: text === NOBODY ? undefined : parseWorkload(text, place.namespace) });
  if (typeof raw === 'string') return answeredBy([answerer(raw)]);
  return answeredBy([...parseCounts(raw, place)].map(([text, count]) => answerer(text, count)));
}

function parseHeader(name: string, raw: RawHeader, place: Place): Expectation {
  const key = name.toLowerCase();
  if (raw === true) return header(key, { text: 'is there', accepts: (value) => value !== undefined });
  if (raw === false) return header(key, { text: 'is not there', accepts: (value) => value === undefined });
  if (typeof raw !== 'object') return parseHeader(name, { equals: raw }, place);
  const { equals, contains, answers } = raw;
  const pattern = raw.matches === undefined ? undefined : regex(raw.matches, place);
  const parts = [
    ...(equals === undefined ? [] : [String(equals)]),
    ...(contains === undefined ? [] : [`contains "${contains}"`]),
    ...(pattern ? [`matches ${pattern}`] : []),
  ];
  const accepts = (value?: string): boolean => value !== undefined
    && (equals === undefined || value === String(equals)) && (contains === undefined || value.includes(contains)) && (pattern?.test(value) ?? true);
  return header(key, { text: parts.join(', ') || 'is there', accepts }, answers === undefined ? undefined : quantity(answers, 'count', place));
}

function parseText(raw: RawText, place: Place): Expectation[] {
  if (typeof raw === 'string' || isList<string>(raw)) return parseText({ contains: raw }, place);
  const pattern = raw.matches === undefined ? undefined : regex(raw.matches, place);
  return [
    ...list(raw.contains).map((text) => body(`contains "${text}"`, (value) => value.includes(text), excerpt)),
    ...list(raw.not).map((text) => body(`does not contain "${text}"`, (value) => !value.includes(text), excerpt)),
    ...(pattern ? [body(`matches ${pattern}`, (value) => pattern.test(value), excerpt)] : []),
    ...(raw.equals === undefined ? [] : [body(`is ${show(raw.equals)}`, (value) => value === raw.equals, show)]),
    ...Object.entries(raw.json ?? {}).map(([path, expected]) => {
      const found = (value: string): string => show(jsonAt(value, path));
      return body(`${path}: ${show(expected)}`, (value) => found(value) === show(expected), (value) => `${path}: ${found(value)}`);
    }),
  ];
}

function parseStats(raw: RawStats, place: Place): Expectation {
  if (!raw.increase && !raw.value) throw new CheckFault(place.path, 'expected "increase" or "value"');
  return stats({
    of: workload(raw.of, { ...place, path: `${place.path}.of` }),
    increase: parseCounts(raw.increase ?? {}, { ...place, path: `${place.path}.increase` }),
    value: parseCounts(raw.value ?? {}, { ...place, path: `${place.path}.value` }),
  });
}

function parseLog(raw: RawLog, place: Place): Expectation {
  return log({
    of: workload(raw.of, { ...place, path: `${place.path}.of` }),
    container: raw.container ?? 'istio-proxy',
    contains: list(raw.contains),
    matches: raw.matches === undefined ? undefined : regex(raw.matches, place),
    lines: quantity(raw.lines ?? 'at least 1', 'count', { ...place, path: `${place.path}.lines` }),
  });
}

function parseTls({ certificate, version, cipher, alpn }: RawTlsExpect, { path, known }: Place): Expectation {
  checkName('certificate', certificate, known.certificates, path);
  return tls({ certificate, version: version === undefined ? undefined : `TLSv${version}`, cipher, alpn });
}

function regex(source: string, { path }: Place): RegExp {
  try {
    return new RegExp(source, 's');
  } catch (cause) {
    throw new CheckFault(path, `${show(source)} is no regular expression: ${(cause as Error).message}`);
  }
}

/** A page is long: enough of it to recognize it. */
function excerpt(text: string): string {
  return show(text.replace(/\s+/g, ' ').trim());
}

function isList<T>(value: unknown): value is readonly T[] {
  return Array.isArray(value);
}

function list<T>(value: T | readonly T[] | undefined): readonly T[] {
  return value === undefined ? [] : isList<T>(value) ? value : [value];
}
