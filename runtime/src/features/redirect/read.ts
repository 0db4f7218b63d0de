import { attach } from '../../model/attachment';
import type { Place } from '../../model/place';
import { readLine } from '../header-format';
import { PORT, readNumber } from '../number-range';
import type { Reader } from '../reader';
import type { RedirectCode } from './model';
import { redirect } from './model';

const SCHEMES: readonly string[] = ['http', 'https'];
const CODES: readonly number[] = [301, 302, 303, 307, 308];

export const redirectReader: Reader = {
  answers: (rule) => rule.get(redirect) !== undefined,

  rule(spec, place) {
    if (!spec.redirect) {
      return [];
    }
    const from = spec.redirect;
    const at = place.at('redirect');
    if (from.uri && from.prefixRewrite) {
      at.at('uri').problem('has no effect beside prefixRewrite, as in Istio: write one of them', 'warning');
    }
    if (from.scheme && !SCHEMES.includes(from.scheme)) {
      at.at('scheme').problem(`'${from.scheme}' is not http or https: clients may not follow`, 'warning');
    }
    return [attach(redirect, {
      code: readCode(from.redirectCode, at.at('redirectCode')),
      uri: readLine(from.uri, at.at('uri')),
      prefix: readLine(from.prefixRewrite, at.at('prefixRewrite')),
      authority: readLine(from.authority, at.at('authority')),
      scheme: readLine(from.scheme, at.at('scheme')),
      port: readNumber(from.port, PORT, at.at('port')) ?? (from.derivePort === 'FROM_REQUEST_PORT' ? 'request' : undefined),
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
