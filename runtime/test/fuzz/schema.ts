import { schemaOf } from '../../../imports/checks';
import type { Schema } from '../../../imports/checks/schema';
import { KUBERNETES_SHAPES } from '../../src/kubernetes';
import type { Shape } from '../../src/kubernetes';
import type { Resource } from '../../src/model/resource';
import { groupKind } from '../../src/model/snapshot';

const TEXT: Schema = { type: 'string' };
const MAP: Schema = { type: 'map', values: TEXT };
const METADATA: Schema = { type: 'object', fields: { name: TEXT, namespace: TEXT, labels: MAP, annotations: MAP, creationTimestamp: TEXT } };

/** What an object is mutated along: the schema of its definition, or as much as we know of a kind of Kubernetes. */
export function schemaOfObject({ apiVersion, kind }: Resource): Schema | undefined {
  const name = groupKind(apiVersion, kind);
  const schema = schemaOf(name) ?? (KUBERNETES_SHAPES[name] && schemaOfShape(KUBERNETES_SHAPES[name]));
  return schema && { ...schema, fields: { ...schema.fields, metadata: METADATA } };
}

function schemaOfShape(shape: Shape): Schema {
  switch (shape.type) {
    case 'list':
      return { type: 'array', items: schemaOfShape(shape.of) };
    case 'map':
      return { type: 'map', values: schemaOfShape(shape.of) };
    case 'object':
      return { type: 'object', fields: Object.fromEntries(Object.entries(shape.fields).map(([name, field]) => [name, schemaOfShape(field)])) };
    case 'integer or string':
    case 'port or name':
      return { type: 'int-or-string' };
    case 'address':
    case 'port name':
    case 'label':
      return TEXT;
    case 'port':
      return { type: 'integer' };
    default:
      return { type: shape.type };
  }
}
