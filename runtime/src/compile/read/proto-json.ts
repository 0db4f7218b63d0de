import type { Schema } from '../../../../imports/checks';

const NUMBER = /^-?\d+(\.\d+)?$/;

/**
 * What protobuf's JSON lets stand in more than one form, in the form that schemas know: numbers may be quoted (`port: "9000"`, as in Istio's own task
 * of external authorization), fields may be called as in the .proto file (`extension_providers`). Itself where there is nothing of it.
 * @see https://protobuf.dev/programming-guides/json/
 */
export function readProtoJson(value: unknown, schema: Schema): unknown {
  if (typeof value === 'string') return (schema.type === 'integer' || schema.type === 'number') && NUMBER.test(value) ? Number(value) : value;
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.map((item) => readProtoJson(item, items)) : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const { fields = {}, values } = schema;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => {
    const known = Object.hasOwn(fields, name) ? name : jsonName(name);
    if (Object.hasOwn(fields, known)) return [known, readProtoJson(inner, fields[known])];
    return [name, values ? readProtoJson(inner, values) : inner];
  }));
}

function jsonName(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
