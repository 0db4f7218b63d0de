import type { Kind } from './definitions';
import { comment } from './documentation';
import type { JsonSchema } from './json-schema';
import { camelCase, pascalCase, propertyName, quoted } from './names';

/**
 * Shapes that stand under many fields of one kind and so cannot be named after one of them: their fields → their name.
 * Other equal shapes are one interface only where the field has the same name.
 */
const SHARED_NAMES: Readonly<Record<string, string>> = {
  'exact,prefix,regex': 'StringMatch',
  'host,port,subset': 'Destination',
  'add,remove,set': 'HeaderOperations',
};

interface Declared {
  readonly name: string;
  readonly schema: JsonSchema;
}

/** The TypeScript interfaces of a kind's `spec` and `status`. */
export function emitInterfaces(kind: Kind): string {
  return new Interfaces(kind).emit();
}

class Interfaces {
  private readonly byShape = new Map<string, string>();
  private readonly taken = new Set<string>();
  /** Breadth first, so that a shape is named after its shortest path. */
  private readonly waiting: Declared[] = [];

  constructor(private readonly kind: Kind) {}

  emit(): string {
    const roots = ['spec', 'status'].filter(field => this.kind.schema.properties?.[field] !== undefined);
    for (const field of roots) {
      this.declare(field, this.kind.kind, this.kind.schema.properties![field]);
    }
    let text = '';
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      text += `\n${this.declaration(next)}`;
    }
    return text;
  }

  private declaration({ name, schema }: Declared): string {
    const fields = Object.entries(schema.properties ?? {})
      .map(([field, property]) => this.field(name, field, property, schema))
      .join('');
    const open = schema['x-kubernetes-preserve-unknown-fields'] ? '  readonly [field: string]: unknown;\n' : '';
    return `${comment(schema.description, [])}export interface ${name} {\n${fields}${open}}\n`;
  }

  private field(owner: string, field: string, schema: JsonSchema, parent: JsonSchema): string {
    const required = parent.required?.includes(field) && schema.default === undefined;
    const description = comment(schema.description, this.tags(field, schema, parent), '  ');
    return `${description}  readonly ${propertyName(field)}${required ? '' : '?'}: ${this.type(owner, field, schema)};\n`;
  }

  private tags(field: string, schema: JsonSchema, parent: JsonSchema): string[] {
    const modern = camelCase(field);
    const renamed = field.includes('_') && parent.properties?.[modern] !== undefined;
    return [
      ...(schema.default === undefined ? [] : [`@default ${JSON.stringify(schema.default)}`]),
      ...(renamed ? [`@deprecated Written \`${modern}\`.`] : []),
    ];
  }

  private type(owner: string, field: string, schema: JsonSchema): string {
    if (schema['x-kubernetes-int-or-string']) {
      return 'number | string';
    }
    switch (schema.type) {
      case 'string': return schema.enum?.map(value => quoted(String(value))).join(' | ') ?? 'string';
      case 'integer':
      case 'number': return schema.enum?.join(' | ') ?? 'number';
      case 'boolean': return 'boolean';
      case 'array': return this.arrayType(owner, field, schema.items ?? {});
      case 'object': return this.objectType(owner, field, schema);
      default: return 'unknown';
    }
  }

  private arrayType(owner: string, field: string, items: JsonSchema): string {
    const item = this.type(owner, field, items);
    return item.includes('|') ? `readonly (${item})[]` : `readonly ${item}[]`;
  }

  private objectType(owner: string, field: string, schema: JsonSchema): string {
    if (typeof schema.additionalProperties === 'object') {
      return `Readonly<Record<string, ${this.type(owner, field, schema.additionalProperties)}>>`;
    }
    return schema.properties === undefined ? 'Readonly<Record<string, unknown>>' : this.declare(field, owner, schema);
  }

  private declare(field: string, owner: string, schema: JsonSchema): string {
    const shared = SHARED_NAMES[Object.keys(schema.properties ?? {}).sort().join()];
    const shape = `${shared ?? field} ${JSON.stringify(shapeOf(schema))}`;
    const known = this.byShape.get(shape);
    if (known !== undefined) {
      return known;
    }
    const wanted = shared === undefined ? owner + pascalCase(field) : this.kind.kind + shared;
    const name = this.taken.has(wanted) ? owner + pascalCase(field) : wanted;
    if (this.taken.has(name)) {
      throw new Error(`${this.kind.kind}: two shapes want the name ${name}`);
    }
    this.taken.add(name);
    this.byShape.set(shape, name);
    this.waiting.push({ name, schema });
    return name;
  }
}

/** What a type depends on: everything but the words and the limits. */
function shapeOf(schema: JsonSchema): unknown {
  return {
    type: schema.type,
    enum: schema.enum,
    required: schema.required,
    open: schema['x-kubernetes-preserve-unknown-fields'],
    either: schema['x-kubernetes-int-or-string'],
    items: schema.items && shapeOf(schema.items),
    values: typeof schema.additionalProperties === 'object' ? shapeOf(schema.additionalProperties) : undefined,
    properties: schema.properties && Object.entries(schema.properties).map(([field, property]) => [field, shapeOf(property)]),
  };
}
