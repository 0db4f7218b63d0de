import type { VirtualServiceSpecHttpCorsPolicy } from '../../../../imports/istio/virtual-service.types';
import { attach } from '../../model/attachment';
import { readDuration } from '../duration';
import type { StringMatch } from '../../model/match';
import { readStringMatch } from '../pattern';
import type { Place } from '../../model/place';
import type { Reader } from '../reader';
import { cors } from './model';

export const corsReader: Reader = {
  rule(spec, place) {
    if (!spec.corsPolicy) {
      return [];
    }
    const from = spec.corsPolicy;
    return [attach(cors, {
      origins: readOrigins(from, place.at('corsPolicy')),
      methods: from.allowMethods ?? [],
      allowHeaders: from.allowHeaders ?? [],
      exposeHeaders: from.exposeHeaders ?? [],
      maxAge: readDuration(from.maxAge, place.at('corsPolicy').at('maxAge')),
      credentials: from.allowCredentials,
      forwardUnmatchedPreflights: from.unmatchedPreflights !== 'IGNORE',
    })];
  },
};

function readOrigins(spec: VirtualServiceSpecHttpCorsPolicy, place: Place): StringMatch[] {
  if (!spec.allowOrigins) {
    return (spec.allowOrigin ?? []).map((value) => (value === '*' ? { kind: 'regex', value: '.*' } : { kind: 'exact', value }));
  }
  return spec.allowOrigins.map((origin, i) => readStringMatch(origin, place.at('allowOrigins').at(i))).filter((match) => match !== undefined);
}
