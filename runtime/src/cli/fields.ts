import pc from 'picocolors';

import { ledgerKinds, readLedger, type LedgerEntry } from '../compile/ledger';
import { Failure } from './failure';
import { formatTable } from './table';

/** `mesh fields`: every field of every kind of Istio and of the Gateway API, handled or not. */
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

function formatFields(entries: readonly LedgerEntry[]): string {
  const kinds = [...new Set(entries.map(({ groupKind }) => groupKind))];
  const handled = entries.filter(({ unsupported }) => unsupported === undefined).length;
  const tables = kinds.map((kind) => {
    const rows = entries.filter(({ groupKind }) => groupKind === kind)
      .map(({ path, unsupported }) => [unsupported === undefined ? pc.green('✔') : pc.red('✖'), path, unsupported ?? '']);
    return `${pc.bold(kind)}\n${formatTable(['', 'field', 'why not'].map((word) => pc.dim(word)), rows)}`;
  });
  return [...tables, `${handled} of ${entries.length} fields are handled`].join('\n\n');
}
