import { ipVersion } from './ip';
import { matchesPattern } from './pattern';
import type { Format, Schema } from './schema';
import { didYouMean } from './spelling';
import { shown, type Violation } from './violation';

type Finding = Omit<Violation, 'path'>;

/** What is wrong with a text. */
export function checkText(value: string, schema: Schema): Finding | undefined {
  const { enum: words, minLength, maxLength, pattern, format } = schema;
  if (words !== undefined && !words.includes(value)) {
    return { rule: 'enum', message: `${oneOf(words)}, got ${shown(value)}${didYouMean(value, words.map(String))}` };
  }
  // A text has at most as many characters as UTF-16 units: counting them is needed only near the limits.
  if (maxLength !== undefined && value.length > maxLength && (value.length > 2 * maxLength || [...value].length > maxLength)) {
    return { rule: 'range', message: `must have at most ${count(maxLength, 'character')}, got ${value.length}` };
  }
  if (minLength !== undefined && [...value].length < minLength) {
    return { rule: 'range', message: value === '' ? 'must not be empty' : `must have at least ${count(minLength, 'character')}, got ${shown(value)}` };
  }
  if (pattern !== undefined && !matchesPattern(value, pattern)) {
    return { rule: 'pattern', message: `must match ${pattern}, got ${shown(value)}` };
  }
  return format === undefined || hasFormat(value, format) ? undefined : { rule: 'format', message: `must be ${FORMATS[format]}, got ${shown(value)}` };
}

/** What is wrong with a number. */
export function checkNumber(value: number, schema: Schema): Finding | undefined {
  const { type, minimum, maximum, format, enum: numbers } = schema;
  if (!Number.isFinite(value) || (type === 'integer' && !isWhole(value))) {
    return { rule: 'type', message: `must be a ${type === 'integer' ? 'whole ' : ''}number, got ${value}` };
  }
  if (numbers !== undefined && !numbers.includes(value)) {
    return { rule: 'enum', message: `${oneOf(numbers)}, got ${value}` };
  }
  const [least, most] = format === 'int32' ? [-(2 ** 31), 2 ** 31 - 1] : format === 'int64' ? [-(2 ** 63), 2 ** 63] : [-Infinity, Infinity];
  const low = Math.max(minimum ?? -Infinity, least);
  const high = Math.min(maximum ?? Infinity, most);
  return value >= low && value <= high ? undefined : { rule: 'range', message: `must be ${interval(low, high)}, got ${value}` };
}

/** What JSON's decoder in the server takes for an integer: everything larger is a number with a fraction to it. */
function isWhole(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 63;
}

function oneOf(values: readonly (string | number)[]): string {
  return `must be one of ${values.map(value => (value === '' ? '""' : value)).join(', ')}`;
}

function interval(low: number, high: number): string {
  if (low === -Infinity) {
    return `at most ${high}`;
  }
  return high === Infinity ? `at least ${low}` : `between ${low} and ${high}`;
}

export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

const FORMATS: Readonly<Record<Format, string>> = {
  'int32': 'a 32-bit number',
  'int64': 'a 64-bit number',
  'double': 'a number',
  'date-time': 'a time such as 2026-01-31T12:00:00Z',
  'byte': 'base64',
  'ipv4': 'an IPv4 address',
  'ipv6': 'an IPv6 address',
};

export function hasFormat(value: string, format: Format): boolean {
  switch (format) {
    case 'ipv4': return ipVersion(value) === 4;
    case 'ipv6': return ipVersion(value) === 6;
    case 'date-time': return /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value));
    case 'byte': return value.length % 4 === 0 && /^[A-Za-z0-9+/\r\n]*={0,2}$/.test(value);
    default: return true;
  }
}

export function describeFormats(formats: readonly Format[]): string {
  return formats.map(format => FORMATS[format]).join(' or ');
}
