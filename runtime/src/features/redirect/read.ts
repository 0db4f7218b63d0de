import { attach } from '../../model/attachment';
import type { Place } from '../../model/place';
import type { Reader } from '../reader';
import type { RedirectCode } from './model';
import { redirect } from './model';

const CODES: readonly number[] = [301, 302, 303, 307, 308];

export const redirectReader: Reader = {
  rule(spec, place) {
    if (!spec.redirect) {
      return [];
    }
    const from = spec.redirect;
    return [attach(redirect, {
      code: readCode(from.redirectCode, place.at('redirect').at('redirectCode')),
      uri: from.uri || undefined,
      prefix: from.prefixRewrite || undefined,
      authority: from.authority || undefined,
      scheme: from.scheme || undefined,
      port: from.port ?? (from.derivePort === 'FROM_REQUEST_PORT' ? 'request' : undefined),
    })];
  },
};

function readCode(code: number | undefined, place: Place): RedirectCode {
  if (code !== undefined && code !== 0 && !CODES.includes(code)) {
    place.problem(`${code} is no redirect that proxies can send: use one of ${CODES.join(', ')}; 301 is sent instead`);
    return 301;
  }
  return (code || 301) as RedirectCode;
}
