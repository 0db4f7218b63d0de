import pc from 'picocolors';

import type { LocatedProblem } from '../engine/wire';

/** `error  VirtualService reviews.bookinfo spec.http[0].route: no such subset`, and on a line of its own where the object stands. */
export function formatProblem({ resource, path, message, severity, at }: LocatedProblem): string {
  const word = severity === 'warning' ? pc.yellow('warning') : pc.red('error');
  const name = resource.namespace ? `${resource.name}.${resource.namespace}` : resource.name;
  return [word, `  ${resource.kind} ${name}`, path === '' ? '' : ` ${path}`, `: ${message}`, at === undefined ? '' : `\n       ${pc.dim(at)}`].join('');
}

/** Kinds that nobody reads: nothing is wrong with them, but nobody shall think that they do something. */
export function formatIgnored(kinds: readonly string[]): string {
  return `${pc.dim('not read')}  ${kinds.join(', ')}: a mesh on one machine does nothing with these kinds`;
}
