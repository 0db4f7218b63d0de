import type { VirtualServiceSpecHttp } from '../../istio';
import { checkPort, isLabel } from './names';
import type { Tell } from './tell';

type Operations = NonNullable<NonNullable<VirtualServiceSpecHttp['headers']>['request']>;
type Destination = NonNullable<VirtualServiceSpecHttp['mirror']>;

/** Of what stands in the first line of a request only the host may be set. */
const HOST_NAMES: ReadonlySet<string> = new Set(['host', ':authority']);

export function isOfAuthority(name: string): boolean {
  return HOST_NAMES.has(name.toLowerCase());
}

/** Where requests or connections go. */
export function checkDestination({ host, port, subset }: Destination, path: string, tell: Tell): void {
  if (host === '') tell(`${path}.host`, 'is empty: name a service');
  if (port) checkPort(port.number ?? 0, `${path}.port.number`, tell);
  if (subset && !isLabel(subset)) tell(`${path}.subset`, `'${subset}' is a name that Istio refuses: letters, digits and '-' make one, at most 63, such as ${subset.replace(/[^-a-z0-9]+/gi, '-').replace(/^-+|-+$/g, '') || 'v1'}`);
}

export function checkHeaders({ request, response }: NonNullable<VirtualServiceSpecHttp['headers']> = {}, path: string, tell: Tell): void {
  checkOperations(request, { path: `${path}.request`, hostMayBeSet: true }, tell);
  checkOperations(response, { path: `${path}.response`, hostMayBeSet: false }, tell);
}

function checkOperations({ set = {}, add = {}, remove = [] }: Operations = {}, { path, hostMayBeSet }: { path: string; hostMayBeSet: boolean }, tell: Tell): void {
  for (const [word, names] of Object.entries({ set: Object.keys(set), add: Object.keys(add), remove })) {
    for (const name of names) {
      const isHost = isOfAuthority(name);
      if ((isHost || name.startsWith(':')) && !(isHost && hostMayBeSet && word !== 'remove')) {
        tell(`${path}.${word}`, `'${name}' is no header that a rule may change: use rewrite for paths and hosts`);
      }
    }
  }
  for (const [word, values] of Object.entries({ set, add })) {
    for (const [name, value] of Object.entries(values)) {
      if (/[\0-\x08\x0a-\x1f\x7f]/.test(value)) tell(`${path}.${word}.${name}`, 'has a character that no line shows, and no header may have');
    }
  }
}
