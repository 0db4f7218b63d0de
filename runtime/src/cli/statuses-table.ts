import pc from 'picocolors';

import type { Condition, ObjectStatus, ParentRef } from '../model/status';
import { formatTable } from './table';

/** What controllers say of objects of the Gateway API: a line for each object, listener and parent, and one for each condition that is not as it should be. */
export function statusesTable(statuses: readonly ObjectStatus[]): string {
  const rows = statuses.flatMap((status) => {
    const { resource: { kind, namespace, name }, conditions } = status;
    const wrong = conditions.filter((one) => !isWell(one));
    const shown = conditions.filter((one) => one.type !== 'Conflicted' || !isWell(one));
    const summary = shown.map((one) => `${isWell(one) ? pc.green('✔') : pc.red('✖')} ${one.type}`).join('  ');
    const object = `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
    return [[object, partText(status), summary], ...wrong.map((one) => ['', '', `  ${pc.red(one.reason)}: ${one.message}`])];
  });
  return formatTable(['object', 'listener or parent', 'conditions'].map((word) => pc.dim(word)), rows);
}

/** Of all conditions, a conflict is the one that should not hold. */
function isWell({ type, status }: Condition): boolean {
  return (status === 'True') === (type !== 'Conflicted');
}

function partText({ part }: ObjectStatus): string {
  switch (part.of) {
    case 'listener':
      return `${part.name} (${part.attachedRoutes} route${part.attachedRoutes === 1 ? '' : 's'})`;
    case 'parent':
      return parentText(part.ref);
    default:
      return part.addresses?.join(', ') ?? '';
  }
}

function parentText({ kind, namespace, name, sectionName, port }: ParentRef): string {
  return `${kind} ${namespace}/${name}${sectionName === undefined ? '' : ` ${sectionName}`}${port === undefined ? '' : `:${port}`}`;
}
