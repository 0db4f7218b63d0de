import pc from 'picocolors';

import { ledgerKinds, readLedger, type LedgerEntry } from '../compile/ledger';
import { Failure } from './failure';
import { formatTable } from './table';

/** `mesh fields`: every field of every kind of Istio and of the Gateway API, and of Kubernetes' Service and Ingress, handled or not. */
export async function fields(kind: string | undefined, { output }: { readonly output: 'table' | 'json' }): Promise<number> {
  const entries = readLedger().filter(({ groupKind }) => kind === undefined || isNamed(groupKind, kind));
  if (entries.length === 0) {
    throw new Failure(`there is no kind ${kind}; there are ${ledgerKinds().map((groupKind) => groupKind.split('/')[1]).join(', ')}`);
  }
  process.stdout.write(`${output === 'json' ? JSON.stringify(entries.map(toJson), undefined, 2) : formatFields(entries)}\n`);
  return 0;
}

function isNamed(groupKind: string, kind: string): boolean {
  return groupKind.toLowerCase() === kind.toLowerCase() || groupKind.split('/')[1]?.toLowerCase() === kind.toLowerCase();
}

function toJson({ groupKind, path, unsupported }: LedgerEntry): object {
  return { kind: groupKind, path, handled: unsupported === undefined, ...(unsupported === undefined ? {} : { reason: unsupported }) };
}

/** Kinds by their group, each with its count, so that what is missing is seen without reading everything. */
function formatFields(entries: readonly LedgerEntry[]): string {
  const names = [...new Set(entries.map(({ groupKind }) => groupKind))].sort();
  const kinds = new Map(names.map((name) => [name, entries.filter(({ groupKind }) => groupKind === name)]));
  const tables = [...kinds].map(([kind, own]) => {
    const reason = wholeReason(own);
    const rows = reason !== undefined ? [[pc.red('✖'), 'all of it', reason]]
      : own.map(({ path, unsupported }) => [unsupported === undefined ? pc.green('✔') : pc.red('✖'), path, unsupported ?? '']);
    return `${pc.bold(kind.replace(/^\//, 'core/'))} ${countOf(own)}\n${formatTable(['', 'field', 'why not'].map((word) => pc.dim(word)), rows)}`;
  });
  const counts = [...kinds].map(([kind, own]) => [...kind.replace(/^\//, 'core/').split('/'), countOf(own)]);
  const summary = kinds.size > 1 ? [formatTable(['group', 'kind', 'handled'].map((word) => pc.dim(word)), counts)] : [];
  return [...tables, ...summary, `${countOf(entries)} fields are handled`].join('\n\n');
}

/** The one reason why nothing of a kind is handled. */
function wholeReason(entries: readonly LedgerEntry[]): string | undefined {
  const [{ unsupported }] = entries;
  return entries.length > 1 && entries.every((one) => one.unsupported === unsupported) ? unsupported : undefined;
}

function countOf(entries: readonly LedgerEntry[]): string {
  return `${entries.filter(({ unsupported }) => unsupported === undefined).length} of ${entries.length}`;
}
