import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Field} from 'protobufjs';
import { Enum, MapField, Root, Type } from 'protobufjs';
import { type Kind, moduleFolder, type Pin } from './definitions';
import type { JsonSchema } from './json-schema';

/** JSON of messages that protobuf writes in a form of its own (https://protobuf.dev/programming-guides/json/). */
const WELL_KNOWN: Readonly<Record<string, JsonSchema>> = {
  '.google.protobuf.Duration': { type: 'string' },
  '.google.protobuf.BoolValue': { type: 'boolean' },
  '.google.protobuf.DoubleValue': { type: 'number' },
  '.google.protobuf.Int32Value': { type: 'integer' },
  '.google.protobuf.Int64Value': { type: 'integer' },
  '.google.protobuf.UInt32Value': { type: 'integer', minimum: 0 },
  '.google.protobuf.StringValue': { type: 'string' },
  '.google.protobuf.Struct': { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
};

const SCALARS: Readonly<Record<string, JsonSchema>> = {
  bool: { type: 'boolean' }, string: { type: 'string' }, bytes: { type: 'string' }, double: { type: 'number' }, float: { type: 'number' },
  int32: { type: 'integer' }, int64: { type: 'integer' }, uint32: { type: 'integer', minimum: 0 }, uint64: { type: 'integer', minimum: 0 },
};

/** The messages of a pinned module, each as the `spec` of a kind of its name. */
export function loadMessages(pin: Pin): Kind[] {
  return (pin.messages ?? []).map(({ file, message, group, version }) => {
    const folder = moduleFolder(pin);
    const root = new Root();
    root.resolvePath = (_, path) => [path, join(folder, path), join(folder, 'common-protos', path)].find(existsSync) ?? path;
    root.loadSync(file, { alternateCommentMode: true, keepCase: true });
    const type = root.lookupType(message);
    const description = type.comment ?? undefined;
    return { pin, group, version, kind: type.name, schema: { type: 'object', description, properties: { spec: { ...schemaOf(type), description } } } };
  });
}

function schemaOf(type: Type): JsonSchema {
  const known = WELL_KNOWN[type.fullName];
  return known ?? { type: 'object', properties: Object.fromEntries(type.fieldsArray.map(field => [jsonName(field.name), fieldSchema(field)])) };
}

/** `consecutive_5xx_errors` is `consecutive5xxErrors`. */
function jsonName(name: string): string {
  return name.replace(/_+(.)/g, (_, letter: string) => letter.toUpperCase());
}

function fieldSchema(field: Field): JsonSchema {
  const value = valueSchema(field.resolve());
  const schema: JsonSchema = field instanceof MapField ? { type: 'object', additionalProperties: value } : field.repeated ? { type: 'array', items: value } : value;
  return { ...schema, description: describe(field.comment) };
}

function valueSchema({ type, resolvedType }: Field): JsonSchema {
  if (resolvedType instanceof Enum) {
    return { type: 'string', enum: Object.keys(resolvedType.values) };
  }
  const schema = resolvedType instanceof Type ? schemaOf(resolvedType) : SCALARS[type];
  if (schema === undefined) {
    throw new Error(`there is no JSON for a field of type ${type}`);
  }
  return schema;
}

/** Without the words by which Istio's own documentation is steered. */
function describe(text: string | null): string | undefined {
  return text?.replace(/\$hide_from_docs|\+\S+/g, '').trim() || undefined;
}
