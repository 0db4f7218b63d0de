/** What the Kubernetes API server knows about a value: the compact form of a CRD's structural schema. */
export interface Schema {
  readonly type: SchemaType;
  /** Fields of an object; every other field is unknown unless the object is `open`. */
  readonly fields?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** Fields of which no two may be set. */
  readonly atMostOneOf?: readonly (readonly string[])[];
  readonly formatsWhen?: FormatsWhen;
  /** Schema of the values of a map. */
  readonly values?: Schema;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  /** No two items may be equal in these fields; with no field named, no two items may be equal. */
  readonly uniqueBy?: readonly string[];
  readonly nullable?: true;
  readonly enum?: readonly (string | number)[];
  readonly pattern?: string;
  readonly format?: Format;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  /** What the API server writes where the field is left out, before it checks the object. */
  readonly default?: unknown;
  /** A default stands somewhere below. */
  readonly defaults?: true;
  readonly rules?: readonly Rule[];
}

/** `open` is an object that keeps fields nobody knows, `map` one with free keys and values of one schema. */
export type SchemaType = 'object' | 'open' | 'map' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'int-or-string';

export type Format = 'int32' | 'int64' | 'double' | 'date-time' | 'byte' | 'ipv4' | 'ipv6';

/** When `field` is `is`, the text in `of` has one of `formats`. */
export interface FormatsWhen {
  readonly field: string;
  readonly is: string;
  readonly of: string;
  readonly formats: readonly Format[];
}

/** A CEL rule of the CRD and its translation. */
export interface Rule {
  readonly message: string;
  readonly cel: string;
  /** Throws a CelError where CEL's evaluation fails, which refuses the object as `false` does. */
  readonly holds: (self: unknown) => boolean;
}

/** A rule of the CRDs that `checkResource` does not decide, and why. */
export interface SkippedRule {
  readonly groupKind: string;
  readonly path: string;
  readonly cel: string;
  readonly reason: string;
}
