import type { Schema } from '../../../imports/checks/schema';
import { checkedKinds, schemaOf } from '../../../imports/checks';
import { UNSUPPORTED } from '../features/unsupported';
import { KUBERNETES_FIELDS } from '../kubernetes';

/** One field of a kind. */
export interface LedgerEntry {
  /** `networking.istio.io/VirtualService`; the core group is empty: `/Service`. */
  readonly groupKind: string;
  /** `spec.http[].match[].headers{}.exact`: `[]` is any item of a list, `{}` any value of a map. */
  readonly path: string;
  /** Why it is not handled; undefined: it is, and a case of the tests shows what it does. */
  readonly unsupported?: string;
}

/** Kinds of Istio and of the Gateway API, all of which this control plane reads or refuses, and those of Kubernetes that configure the mesh. */
export function ledgerKinds(): string[] {
  return [...checkedKinds(), ...Object.keys(KUBERNETES_FIELDS)];
}

/** Every field of a kind. */
export function fieldsOf(groupKind: string): Schema | undefined {
  return KUBERNETES_FIELDS[groupKind] ?? schemaOf(groupKind);
}

/** Every field of every such kind, and whether it is handled. */
export function readLedger(): LedgerEntry[] {
  return ledgerKinds().flatMap((groupKind) => {
    const schema = fieldsOf(groupKind);
    return schema ? leaves(schema, '').map((path) => ({ groupKind, path, unsupported: reasonFor(groupKind, path) })) : [];
  });
}

function reasonFor(groupKind: string, path: string): string | undefined {
  const fields = UNSUPPORTED[groupKind] ?? {};
  const found = Object.keys(fields).find((field) => field === '' || path === field || /^[.[{]/.test(path.slice(field.length)) && path.startsWith(field));
  return found === undefined ? undefined : fields[found];
}

/** The fields that hold values themselves. A map of plain values (labels) is one. */
function leaves(schema: Schema, path: string): string[] {
  if (schema.fields && Object.keys(schema.fields).length > 0) {
    return Object.entries(schema.fields).flatMap(([name, field]) => leaves(field, path === '' ? name : `${path}.${name}`));
  }
  const inner = schema.items ? leaves(schema.items, `${path}[]`) : schema.values ? leaves(schema.values, `${path}{}`) : [];
  return inner.length > 1 || (inner[0] ?? '').includes('.', path.length) ? inner : [path];
}
