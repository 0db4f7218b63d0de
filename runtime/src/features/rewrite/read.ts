import type { VirtualServiceSpecHttpRewrite } from '../../../../imports/istio/virtual-service.types';
import { attach } from '../../model/attachment';
import { readLine } from '../header-format';
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
    const at = place.at('rewrite');
    const uriRegex = readRegex(spec.rewrite, at.at('uriRegexRewrite'));
    const uri = uriRegex ? undefined : readLine(spec.rewrite.uri, at.at('uri'));
    return [attach(rewrite, { uri, uriRegex, authority: readLine(spec.rewrite.authority, at.at('authority')) })];
  },
};

function readRegex(spec: VirtualServiceSpecHttpRewrite, place: Place): Rewrite['uriRegex'] {
  if (!spec.uriRegexRewrite) {
    return undefined;
  }
  if (!spec.uriRegexRewrite.match) {
    place.at('match').problem('is missing: it says which part of the path is rewritten');
    return undefined;
  }
  const match = readPattern(spec.uriRegexRewrite.match, place.at('match'));
  return match === undefined ? undefined : { match, rewrite: spec.uriRegexRewrite.rewrite ?? '' };
}
