import type { HttpExtAuthz, HttpRBAC, NetworkExtAuthz, NetworkRBAC } from '../envoy';
import type { Call, Decision } from './call';
import { matchesMetadata } from './metadata-match';
import { NotModelled } from './modelled';
import type { Metadata } from './metadata';
import { decideAccess } from './rbac';
import type { Request } from './request';
import type { Visitor } from './visitor';

/** What a filter decides, and what it leaves behind for those after it. */
export interface Guarded {
  readonly decision: Decision;
  readonly metadata: Metadata;
}

/**
 * Who calls, as far as the call says it. What it does not say is an error as soon as a rule asks for it: to take it for nothing would let in
 * whom a rule keeps out.
 */
export function visitorOf(call: Call, { terminated, request, metadata }: { readonly terminated: boolean; readonly request?: Request; readonly metadata: Metadata }): Visitor {
  const said = <T>(value: T | undefined, what: string): T => {
    if (value === undefined) {
      throw new NotModelled(what, 'a rule asks for it, and the call does not say it');
    }
    return value;
  };
  return {
    connection: {
      get source() {
        return said(call.source?.address, 'address of the source');
      },
      get client() {
        return said(call.client ?? (request?.header('x-forwarded-for') === undefined ? call.source?.address : undefined), 'address of the client');
      },
      destination: { address: call.address, port: call.port },
      sni: terminated || call.tls !== 'plaintext' ? call.sni : undefined,
      get identity() {
        return !terminated ? undefined : call.tls === 'mtls' ? said(call.identity, 'identity of the client') : {};
      },
    },
    ...(request && {
      request: {
        method: request.header(':method') ?? 'GET',
        authority: request.header(':authority') ?? '',
        path: request.header(':path') ?? '/',
        headers: Object.fromEntries(Object.entries(call.headers ?? {}).map(([name, values]) => [name.toLowerCase(), values])),
      },
    }),
    metadata,
  };
}

export function guardAccess(filter: string, config: HttpRBAC | NetworkRBAC, visitor: Visitor, metadata: Metadata): Guarded {
  const decision = { filter, ...decideAccess(config, visitor) };
  const { shadow } = decision;
  const written = shadow && {
    [`${shadow.prefix}shadow_engine_result`]: shadow.allowed ? 'allowed' : 'denied',
    ...(shadow.policy !== undefined && { [`${shadow.prefix}shadow_effective_policy_id`]: shadow.policy }),
  };
  return { decision, metadata: written ? { ...metadata, [filter]: { ...metadata[filter], ...written } } : metadata };
}

/** Whoever is asked answers as the call says; undefined where nobody is asked. */
export function guardByQuestion(filter: string, { filterEnabledMetadata }: HttpExtAuthz | NetworkExtAuthz, metadata: Metadata, { authorizer }: Call): Decision | undefined {
  if (filterEnabledMetadata && !matchesMetadata(filterEnabledMetadata, metadata)) {
    return undefined;
  }
  if (!authorizer) {
    throw new NotModelled(`filter ${filter}`, 'it asks somebody, and the call does not say what he answers');
  }
  return { filter, allowed: authorizer === 'allows' };
}
