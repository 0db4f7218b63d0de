import type { Visitor } from '../../src/simulate';

/** What a policy says, as a suite has it: no types, so that nothing of the reader under test is used. */
export interface SuitePolicy {
  readonly spec: {
    readonly rules?: readonly {
      readonly from?: readonly { readonly source?: Words }[];
      readonly to?: readonly { readonly operation?: Words }[];
      readonly when?: readonly { readonly key: string; readonly values?: readonly string[]; readonly notValues?: readonly string[] }[];
    }[];
  };
}

type Words = Readonly<Record<string, readonly string[]>>;

/** Values of what can be looked at, each of them wanted or nearly so by some condition. The first ones fulfil what policies want. */
type Vocabulary = Map<string, Set<string>>;

const ABSENT = '\0absent';

/** Visitors that cover the words of some policies: what fulfils each condition, what nearly does, what lacks it; one at a time and mixed. */
export function visitorsFor(policies: readonly SuitePolicy[], count: number, random: () => number): Visitor[] {
  const words = vocabularyOf(policies);
  const first = Object.fromEntries([...words].map(([name, values]) => [name, [...values][0]]));
  const flips = [...words].flatMap(([name, values]) => [...values, ABSENT].map((value) => ({ ...first, [name]: value })));
  const mixed = Array.from({ length: count }, () => {
    const keen = random();
    return Object.fromEntries([...words].map(([name, values]) => {
      const all = [...values, ABSENT];
      return [name, random() < keen ? all[0] : all[Math.floor(random() * all.length)]];
    }));
  });
  return [first, ...flips, ...mixed].map(visitorOf);
}

function vocabularyOf(policies: readonly SuitePolicy[]): Vocabulary {
  const words: Vocabulary = new Map();
  const add = (name: string, values: readonly string[]): void => values.forEach((value) => {
    const known = words.get(name) ?? new Set<string>();
    exemplars(value).forEach((one) => known.add(one));
    words.set(name, known);
  });
  for (const rule of policies.flatMap(({ spec }) => spec.rules ?? [])) {
    rule.from?.forEach(({ source = {} }) => Object.entries(source).forEach(([field, values]) => add(positive(field), values)));
    rule.to?.forEach(({ operation = {} }) => Object.entries(operation).forEach(([field, values]) => add(positive(field), values)));
    rule.when?.forEach(({ key, values = [], notValues = [] }) => add(key, [...values, ...notValues]));
  }
  return words;
}

/** `notIpBlocks` are about the same thing as `ipBlocks`. */
function positive(field: string): string {
  return field.startsWith('not') ? `${field[3].toLowerCase()}${field.slice(4)}` : field;
}

/** Texts that a value of a policy fits, and some that it nearly fits. */
function exemplars(value: string): string[] {
  const range = /^(\d+\.\d+\.)(\d+)\.(\d+)(?:\/(\d+))?$/.exec(value);
  if (range) {
    return [`${range[1]}${range[2]}.${range[3]}`, `${range[1]}${range[2]}.${Number(range[3]) + 9}`, `${range[1]}${Number(range[2]) + 7}.${range[3]}`, '203.0.113.9'];
  }
  if (/^\d+$/.test(value)) {
    return [value, String(Number(value) + 1)];
  }
  const text = value.replaceAll('{**}', 'some/where').replaceAll('{*}', 'one');
  const bare = text.replace(/^\*|\*$/g, '');
  const fits = text === '*' ? 'anything' : text.startsWith('*') ? `any${bare}` : text.endsWith('*') ? `${bare}any` : bare;
  return [fits, `${fits}x`, `x${fits}`, fits.slice(1), fits.slice(0, -1), fits.toUpperCase(), bare || 'empty', text];
}

function visitorOf(chosen: Readonly<Record<string, string>>): Visitor {
  const get = (name: string): string | undefined => (chosen[name] === undefined || chosen[name] === ABSENT ? undefined : chosen[name]);
  const some = (...names: readonly string[]): string | undefined => names.map(get).find((one) => one !== undefined);
  const claims = Object.entries(chosen).flatMap(([name, value]) => (name.startsWith('request.auth.claims') && value !== ABSENT ? [[name, value] as const] : []));
  return {
    connection: {
      source: some('source.ip', 'ipBlocks') ?? '198.51.100.1',
      client: some('remote.ip', 'remoteIpBlocks') ?? '198.51.100.2',
      destination: { address: get('destination.ip') ?? '198.51.100.3', port: Number(some('destination.port', 'ports') ?? 1) },
      sni: get('connection.sni'),
      identity: { uris: identities(get) },
    },
    request: {
      method: get('methods') ?? 'GET',
      authority: get('hosts') ?? 'nobody.example',
      path: `${get('paths') ?? '/nowhere'}?query=${get('paths') ?? ''}`,
      headers: Object.fromEntries(Object.entries(chosen).flatMap(([name, value]) => {
        const header = /^request\.headers\[(.*)\]$/.exec(name);
        return header && value !== ABSENT ? [[header[1].toLowerCase(), [value]]] : [];
      })),
    },
    metadata: {
      'envoy.filters.http.jwt_authn': { payload: payloadOf(get, claims) },
      ...filterMetadata(chosen),
    },
  };
}

function identities(get: (name: string) => string | undefined): string[] {
  const of = (names: readonly string[], make: (value: string) => string): string[] => names.flatMap((name) => {
    const value = get(name);
    return value === undefined ? [] : [make(value)];
  });
  return [
    ...of(['principals', 'source.principal'], (value) => `spiffe://${value}`),
    ...of(['namespaces', 'source.namespace'], (value) => `spiffe://td1/ns/${value}/sa/some`),
    ...of(['serviceAccounts', 'source.serviceAccount'], (value) => `spiffe://td1/ns/${value.includes('/') ? value.replace('/', '/sa/') : `foo/sa/${value}`}`),
  ];
}

function payloadOf(get: (name: string) => string | undefined, claims: readonly (readonly [string, string])[]): Record<string, unknown> {
  const principal = get('request.auth.principal') ?? get('requestPrincipals');
  const slash = principal?.lastIndexOf('/') ?? -1;
  const payload: Record<string, unknown> = {
    ...(principal !== undefined && { iss: slash < 0 ? principal : principal.slice(0, slash), sub: slash < 0 ? principal : principal.slice(slash + 1) }),
    ...(get('request.auth.audiences') && { aud: [get('request.auth.audiences'), 'another'] }),
    ...(get('request.auth.presenter') && { azp: get('request.auth.presenter') }),
  };
  for (const [key, value] of claims) {
    const path = [...key.matchAll(/\[([^\]]+)\]/g)].map((match) => match[1]);
    path.slice(0, -1).reduce((at, name) => (at[name] ??= {}) as Record<string, unknown>, payload)[path[path.length - 1]] = value;
  }
  return payload;
}

function filterMetadata(chosen: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(chosen).flatMap(([name, value]) => {
    const found = /^experimental\.([^[]+)\[(.*)\]$/.exec(name);
    return found && value !== ABSENT ? [[found[1], { [found[2]]: value }]] : [];
  }));
}
