import { KINDS } from './kinds';
import type * as objectWalk from './object-walk';
import type { Schema } from './schema';
import type { Violation } from './violation';

export { SKIPPED_RULES } from './kinds';
export type { Format, FormatsWhen, Rule, Schema, SchemaType, SkippedRule } from './schema';
export { withoutNulls } from './nulls';
export type { Violation } from './violation';

/** An object of the Kubernetes API, as far as its specification goes. */
export interface CheckedResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec?: unknown;
}

const OUTSIDE_SPEC: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'status']);

/**
 * Everything for which the Kubernetes API server would refuse an object of Istio or of the Gateway API, or drop one of its fields: the
 * structural schema and the CEL rules of the pinned CustomResourceDefinitions. Objects of other kinds have no violations. Metadata and
 * status are not looked at. All versions of a kind are checked by the newest: their schemas are the same.
 */
export function checkResource(resource: CheckedResource): Violation[] {
  const schema = schemaOf(`${String(resource.apiVersion).split('/', 1)[0]}/${resource.kind}`);
  if (schema === undefined) {
    return [];
  }
  // Loaded with the first check: a program that only writes objects of other kinds pays nothing.
  const { ObjectWalk } = require('./object-walk') as typeof objectWalk;
  const walk = new ObjectWalk();
  walk.visit(Object.fromEntries(Object.entries(resource).filter(([name]) => !OUTSIDE_SPEC.has(name))), schema);
  return walk.violations;
}

/**
 * The schema of a kind, such as `networking.istio.io/VirtualService`: an object whose one field is `spec`. Undefined for kinds that are
 * not generated here.
 */
export function schemaOf(groupKind: string): Schema | undefined {
  return Object.hasOwn(KINDS, groupKind) ? KINDS[groupKind]() : undefined;
}

/** The kinds that can be checked, as `group/Kind`. */
export function checkedKinds(): string[] {
  return Object.keys(KINDS);
}
