import type { SchemaType } from './schema';
import { shown } from './violation';

const TYPES: Readonly<Record<SchemaType, string>> = {
  'object': 'an object',
  'open': 'an object',
  'map': 'an object',
  'array': 'a list',
  'string': 'a text',
  'integer': 'a whole number',
  'number': 'a number',
  'boolean': 'true or false',
  'int-or-string': 'a whole number or a text',
};

/** A type in words: `a list`. */
export function expectedType(type: SchemaType): string {
  return TYPES[type];
}

export function hasType(value: unknown, type: SchemaType): boolean {
  switch (type) {
    case 'object':
    case 'open':
    case 'map': return typeof value === 'object' && !Array.isArray(value);
    case 'array': return Array.isArray(value);
    case 'string': return typeof value === 'string';
    case 'boolean': return typeof value === 'boolean';
    case 'int-or-string': return typeof value === 'string' || typeof value === 'number';
    default: return typeof value === 'number';
  }
}

/** A value of the wrong type in words, and how to mend the usual mistakes of quoting. */
export function wrongType(value: unknown, expected: SchemaType): string {
  if (typeof value === 'string') {
    return `the text ${shown(value)}${isQuoted(value, expected) ? ': write it without quotes' : ''}`;
  }
  return `${shown(value)}${expected === 'string' && typeof value !== 'object' ? ': write it in quotes' : ''}`;
}

function isQuoted(value: string, expected: SchemaType): boolean {
  switch (expected) {
    case 'boolean': return value === 'true' || value === 'false';
    case 'integer': return /^-?\d+$/.test(value);
    case 'number': return /^-?\d+(\.\d+)?$/.test(value);
    default: return false;
  }
}
