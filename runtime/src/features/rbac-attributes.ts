import type { CallAttribute, CallerAttribute } from '../model/rbac-rule';

type Named = { readonly name: readonly string[] };
export type ReadAttribute = Named & ({ readonly side: 'caller'; readonly of: CallerAttribute } | { readonly side: 'call'; readonly of: CallAttribute });

const CALLER: ReadonlySet<string> = new Set<CallerAttribute>([
  'source.ip', 'remote.ip', 'source.namespace', 'source.trustDomain', 'source.serviceAccount', 'source.principal', 'request.auth.principal',
  'request.auth.audiences', 'request.auth.presenter',
]);
const CALL: ReadonlySet<string> = new Set<CallAttribute>(['destination.ip', 'destination.port', 'connection.sni']);

/** Attributes of the policies before v1beta1, and where they went. */
const GONE: readonly (readonly [prefix: string, hint: string])[] = [
  ['destination.labels', 'use the selector of the policy'],
  ['destination.namespace', 'use the namespace of the policy'],
  ['destination.name', 'use the selector of the policy'],
  ['destination.user', 'use the selector of the policy'],
];

/** What the `key` of a condition names; a sentence where nobody knows it. */
export function readAttribute(key: string): ReadAttribute | string {
  if (CALLER.has(key)) {
    return { side: 'caller', of: key as CallerAttribute, name: [] };
  }
  if (CALL.has(key)) {
    return { side: 'call', of: key as CallAttribute, name: [] };
  }
  return readNamed(key) ?? unknown(key);
}

/** `request.headers[x-token]`, `request.auth.claims[realm][roles]`, `experimental.envoy.filters.network.mysql_proxy[db.table]`. */
function readNamed(key: string): ReadAttribute | undefined {
  const header = /^request\.headers\[([^\0\r\n]+)\]$/.exec(key);
  if (header) {
    return { side: 'caller', of: 'request.headers', name: [header[1]] };
  }
  const claims = /^request\.auth\.claims\[(.+)\]$/.exec(key);
  if (claims) {
    const nested = /^[^[\]]+(\]\[[^[\]]+)*$/.test(claims[1]);
    return { side: 'caller', of: 'request.auth.claims', name: nested ? claims[1].split('][') : [claims[1]] };
  }
  const filter = /^experimental\.(envoy\.filters\.[^[]+)\[(.+)\]$/.exec(key);
  return filter ? { side: 'call', of: 'envoy.filters', name: [filter[1], filter[2]] } : undefined;
}

function unknown(key: string): string {
  const gone = GONE.find(([prefix]) => key.startsWith(prefix));
  if (gone) {
    return `'${key}' is not known any more: ${gone[1]}`;
  }
  return /^(request\.headers|request\.auth\.claims|experimental\.envoy\.filters\.)/.test(key)
    ? `'${key}' must be of the form ${key.split('[')[0]}[name]`
    : `'${key}' is not an attribute: use one of ${[...CALLER, ...CALL].join(', ')}, request.headers[name], request.auth.claims[name], experimental.envoy.filters.filter[name]`;
}
