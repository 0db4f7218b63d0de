import type { Field, Type } from 'protobufjs/light';
import { knowsTypeUrl, messageType, type MessageName } from './schema';

/** Protobuf JSON in which everything is of the API, and what was not. */
export interface KnownFields {
  readonly json: unknown;
  /** `transportSocket.typedConfig.unknown` */
  readonly unknown: readonly string[];
}

/**
 * Protobuf JSON as Istio reads it in patches: a field that the API does not have is left out, for it may be of another version of Envoy, and durations
 * may have any unit of Go's (pkg/config/xds/xds.go, StructToMessage, and `jsonpb`, by which it reads).
 */
export function knownFields(name: MessageName, json: unknown, durationOf: (text: string) => string | undefined): KnownFields {
  const reader = new KnownFieldsReader(durationOf);
  return { json: reader.message(messageType(name), json, ''), unknown: reader.unknown };
}

type Json = Readonly<Record<string, unknown>>;

class KnownFieldsReader {
  public readonly unknown: string[] = [];

  public constructor(private readonly durationOf: (text: string) => string | undefined) {}

  public message(type: Type, json: unknown, path: string): unknown {
    const name = type.fullName.slice(1);
    if (name === 'google.protobuf.Duration') {
      return (typeof json === 'string' ? this.durationOf(json) : undefined) ?? json;
    }
    if (!isObject(json) || (name.startsWith('google.protobuf.') && name !== 'google.protobuf.Any')) {
      return json;
    }
    return name === 'google.protobuf.Any' ? this.any(json, path) : this.fields(type, json, path);
  }

  /** What holds something that is not of the API is told by whoever reads it. */
  private any(json: Json, path: string): unknown {
    const { '@type': url, ...rest } = json;
    if (typeof url !== 'string' || !knowsTypeUrl(url)) {
      return json;
    }
    const type = messageType(url);
    return type.fullName.startsWith('.google.protobuf.')
      ? { ...json, value: this.message(type, rest.value, path) }
      : { '@type': url, ...this.fields(type, rest, path) };
  }

  private fields(type: Type, json: Json, path: string): Json {
    const fields = fieldsOf(type);
    return Object.fromEntries(Object.entries(json).flatMap(([key, value]): [string, unknown][] => {
      const field = fields.get(key);
      const at = path === '' ? key : `${path}.${key}`;
      if (!field) {
        this.unknown.push(at);
        return [];
      }
      return [[key, this.value(field, value, at)]];
    }));
  }

  private value(field: Field, value: unknown, path: string): unknown {
    const inner = field.resolve().resolvedType;
    if (!inner || !('fields' in inner)) {
      return value;
    }
    if (field.map) {
      return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.message(inner, one, `${path}[${key}]`)])) : value;
    }
    return Array.isArray(value) ? value.map((one, i) => this.message(inner, one, `${path}[${i}]`)) : this.message(inner, value, path);
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const byType = new WeakMap<Type, ReadonlyMap<string, Field>>();

/** By both of their names, `connect_timeout` and `connectTimeout`. */
function fieldsOf(type: Type): ReadonlyMap<string, Field> {
  let fields = byType.get(type);
  if (!fields) {
    fields = new Map(type.fieldsArray.flatMap((field) => [...new Set([field.name, field.jsonName, field.protoName])].map((name): [string, Field] => [name, field])));
    byType.set(type, fields);
  }
  return fields;
}
