import type { Kind } from './definitions';
import { comment } from './documentation';
import { kebabCase, quoted } from './names';

/** The construct of a kind: a plain ApiObject, so that patches and unknown fields reach the output. */
export function emitConstruct({ group, version, kind, schema }: Kind): string {
  const spec = schema.properties?.spec;
  const optional = spec?.required !== undefined || schema.required?.includes('spec') ? '' : '?';
  const description = comment(schema.description ?? spec?.description, []);
  return `
import { ApiObject, type ApiObjectMetadata, type GroupVersionKind } from 'cdk8s';
import type { Construct } from 'constructs';
import type { ${kind}Spec } from './${kebabCase(kind)}.types';

export interface ${kind}Props {
  /** Name, namespace, labels and annotations. The name is made from the construct path where it is left out. */
  readonly metadata?: ApiObjectMetadata;
  readonly spec${optional}: ${kind}Spec;
}

${description}export class ${kind} extends ApiObject {
  static readonly GVK: GroupVersionKind = { apiVersion: ${quoted(`${group}/${version}`)}, kind: ${quoted(kind)} };

  constructor(scope: Construct, id: string, props: ${kind}Props${optional === '' ? '' : ' = {}'}) {
    super(scope, id, { ...props, ...${kind}.GVK });
  }
}
`;
}

/** The constructs and types of all kinds of a folder, and the types of what is no kind. */
export function emitIndex(kinds: readonly Kind[], others: readonly Kind[]): string {
  const types = ({ kind }: Kind): string => `export type * from './${kebabCase(kind)}.types';\n`;
  return '\n' + kinds.map(kind => `export * from './${kebabCase(kind.kind)}';\n${types(kind)}`).join('') + others.map(types).join('');
}
