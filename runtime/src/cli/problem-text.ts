import pc from 'picocolors';

import type { Problem } from '../model/problem';

/** `error  VirtualService reviews.bookinfo spec.http[0].route: no such subset` */
export function formatProblem({ resource, path, message, severity }: Problem): string {
  const word = severity === 'warning' ? pc.yellow('warning') : pc.red('error');
  const name = resource.namespace ? `${resource.name}.${resource.namespace}` : resource.name;
  return [word, ` ${resource.kind} ${name}`, path === '' ? '' : ` ${path}`, `: ${message}`].join('');
}
