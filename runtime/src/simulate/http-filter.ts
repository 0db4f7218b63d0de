import type { HttpExtAuthz, HttpFilter, HttpRBAC, HttpSetFilterState, JwtAuthentication } from '../envoy';
import { configOf, unpack } from './unpack';
import type { Call, Decision } from './call';
import type { Metadata } from './metadata';
import { guardAccess, guardByQuestion, visitorOf } from './guard';
import { NotModelled } from './modelled';
import type { Request } from './request';
import { readToken } from './token';

/** Filters of requests that neither change a route nor refuse a request, but for faults: those are shares. */
const PASSING: ReadonlySet<string> = new Set([
  'envoy.filters.http.router', 'envoy.filters.http.fault', 'envoy.filters.http.cors', 'envoy.filters.http.grpc_stats', 'envoy.filters.http.grpc_web',
  'envoy.filters.http.buffer', 'envoy.filters.http.dynamic_forward_proxy',
]);
const SET_STATE = 'type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config';
const RBAC = 'envoy.filters.http.rbac';
const TOKENS = 'envoy.filters.http.jwt_authn';
const QUESTIONS = 'envoy.filters.http.ext_authz';

/** What the filters made of a request before it is sent on. */
export interface Passage {
  readonly decisions: readonly Decision[];
  /** The answer of the filter that refused it. */
  readonly refusal?: number;
  /** What routes see of what filters know: nothing, unless one of them has had the route chosen again. */
  readonly metadata: Metadata;
}

interface State extends Passage {
  readonly known: Metadata;
}

/** Sends a request through the filters, in their order, until one refuses it. */
export function passFilters(filters: readonly HttpFilter[], call: Call, request: Request, terminated: boolean): Passage {
  let state: State = { decisions: [], metadata: {}, known: {} };
  for (const filter of filters) {
    if (state.refusal !== undefined) {
      break;
    }
    state = filter.disabled ? state : passOne(filter, state, { call, request, terminated });
  }
  return state;
}

type Situation = { readonly call: Call; readonly request: Request; readonly terminated: boolean };

function passOne(filter: HttpFilter, state: State, { call, request, terminated }: Situation): State {
  const { name = '' } = filter;
  switch (name) {
    case RBAC: {
      const { decision, metadata: known } = guardAccess(name, configOf<HttpRBAC>(filter), visitorOf(call, { terminated, request, metadata: state.known }), state.known);
      return { ...decided(state, decision, 403), known };
    }
    case TOKENS: {
      const { status, metadata, reroutes } = readToken(configOf<JwtAuthentication>(filter), request, call.token);
      const known = metadata ? { ...state.known, [name]: metadata } : state.known;
      return { ...decided(state, { filter: name, allowed: status === undefined }, status), known, metadata: reroutes ? known : state.metadata };
    }
    case QUESTIONS: {
      const decision = guardByQuestion(name, configOf<HttpExtAuthz>(filter), state.known, call);
      return decision ? decided(state, decision, 403) : state;
    }
    default:
      if (!PASSING.has(name) && !isAboutConnections(filter)) {
        throw new NotModelled(`HTTP filter ${name}`);
      }
      return state;
  }
}

function decided(state: State, decision: Decision, refusal: number | undefined): State {
  return { ...state, decisions: [...state.decisions, decision], ...(!decision.allowed && { refusal }) };
}

/** Sets nothing but how the connection to the server is opened. */
function isAboutConnections({ typedConfig }: HttpFilter): boolean {
  if (typedConfig?.typeUrl !== SET_STATE) {
    return false;
  }
  const { onRequestHeaders = [], clearRouteCache } = unpack(typedConfig) as HttpSetFilterState;
  return !clearRouteCache && onRequestHeaders.every(({ objectKey }) => objectKey === 'envoy.network.application_protocols');
}
