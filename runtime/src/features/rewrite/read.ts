import type { VirtualServiceSpecHttpRewrite } from '../../../../imports/istio/virtual-service.types';
import { attach } from '../../model/attachment';
import { readPattern } from '../pattern';
import type { Place } from '../../model/place';
import type { Reader } from '../reader';
import type { Rewrite } from './model';
import { rewrite } from './model';

export const rewriteReader: Reader = {
  rule(spec, place) {
    if (!spec.rewrite) {
      return [];
    }
    const uriRegex = readRegex(spec.rewrite, place.at('rewrite').at('uriRegexRewrite'));
    return [attach(rewrite, { uri: uriRegex ? undefined : spec.rewrite.uri || undefined, uriRegex, authority: spec.rewrite.authority || undefined })];
  },
};

function readRegex(spec: VirtualServiceSpecHttpRewrite, place: Place): Rewrite['uriRegex'] {
  if (!spec.uriRegexRewrite) {
    return undefined;
  }
  const match = readPattern(spec.uriRegexRewrite.match ?? '', place.at('match'));
  return match === undefined ? undefined : { match, rewrite: spec.uriRegexRewrite.rewrite ?? '' };
}
