import type { Schema } from './schema';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * An object without the null fields that the Kubernetes API server drops before it looks: those that may not be null and have no default.
 * Itself where there are none. See PruneNonNullableNullsWithoutDefaults in k8s.io/apiextensions-apiserver.
 */
export function withoutDroppedNulls(object: JsonObject, { fields, values }: Schema): JsonObject {
  return without(object, (name) => {
    const schema = schemaOf(name, fields, values);
    return schema !== undefined && schema.nullable === undefined && schema.default === undefined;
  });
}

/** A value without any null fields that its schema knows: where null is allowed it means the same as nothing. Itself where there are none. */
export function withoutNulls(value: unknown, schema: Schema): unknown {
  if (Array.isArray(value)) {
    const items = value.map(item => (schema.items ? withoutNulls(item, schema.items) : item));
    return items.every((item, i) => item === value[i]) ? value : items;
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const { fields, values } = schema;
  const object = without(value as JsonObject, name => schemaOf(name, fields, values) !== undefined);
  const entries = Object.entries(object).map(([name, field]) => {
    const inner = schemaOf(name, fields, values);
    return [name, inner ? withoutNulls(field, inner) : field] as const;
  });
  return entries.every(([name, field]) => field === object[name]) ? object : Object.fromEntries(entries);
}

function schemaOf(name: string, fields: Schema['fields'] = {}, values: Schema['values']): Schema | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : values;
}

function without(object: JsonObject, isDropped: (name: string) => boolean): JsonObject {
  const names = Object.keys(object);
  const kept = names.filter(name => object[name] !== null || !isDropped(name));
  return kept.length === names.length ? object : Object.fromEntries(kept.map(name => [name, object[name]]));
}
