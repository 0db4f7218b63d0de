import type { HeaderValueOption, Route, WeightedCluster_ClusterWeight } from '../../envoy';
import { HeaderValueOption_HeaderAppendAction } from '../../envoy';
import type { WeightedDestination } from '../../model/route';
import type { Emitter } from '../emitter';
import type { HeaderOperations, Headers } from './model';
import { headers } from './model';

type Fragment = Pick<
  Route, 'requestHeadersToAdd' | 'requestHeadersToRemove' | 'responseHeadersToAdd' | 'responseHeadersToRemove'
>;

export const headersEmitter: Emitter = {
  route: (rule): Route => emitHeaders(rule.features.get(headers)),

  action(rule) {
    const authority = rule.features.get(headers)?.authority;
    return authority ? { hostRewriteLiteral: authority } : {};
  },

  soleDestination(destination): Route {
    const value = destination.features.get(headers);
    return { ...emitHeaders(value), ...(value?.authority && { route: { hostRewriteLiteral: value.authority } }) };
  },

  destination(destination: WeightedDestination): WeightedCluster_ClusterWeight {
    const value = destination.features.get(headers);
    return { ...emitHeaders(value), ...(value?.authority && { hostRewriteLiteral: value.authority }) };
  },
};

function emitHeaders(value: Headers | undefined): Fragment {
  if (!value) {
    return {};
  }
  const [request, response] = [emitAdditions(value.request), emitAdditions(value.response)];
  return {
    ...(request.length > 0 && { requestHeadersToAdd: request }),
    ...(value.request.remove.length > 0 && { requestHeadersToRemove: value.request.remove }),
    ...(response.length > 0 && { responseHeadersToAdd: response }),
    ...(value.response.remove.length > 0 && { responseHeadersToRemove: value.response.remove }),
  };
}

function emitAdditions({ set, add }: HeaderOperations): HeaderValueOption[] {
  const { OVERWRITE_IF_EXISTS_OR_ADD, APPEND_IF_EXISTS_OR_ADD } = HeaderValueOption_HeaderAppendAction;
  return [
    ...set.map(([key, value]) => ({ header: { key, value }, appendAction: OVERWRITE_IF_EXISTS_OR_ADD })),
    ...add.map(([key, value]) => ({ header: { key, value }, appendAction: APPEND_IF_EXISTS_OR_ADD })),
  ];
}
