import type { RedirectAction } from '../../envoy';
import { RedirectAction_RedirectResponseCode } from '../../envoy';
import type { HttpRule } from '../../model/route';
import type { Emitter, RouteContext } from '../emitter';
import { quotePattern } from '../pattern';
import type { Redirect } from './model';
import { redirect } from './model';

const CODES = {
  301: RedirectAction_RedirectResponseCode.MOVED_PERMANENTLY,
  302: RedirectAction_RedirectResponseCode.FOUND,
  303: RedirectAction_RedirectResponseCode.SEE_OTHER,
  307: RedirectAction_RedirectResponseCode.TEMPORARY_REDIRECT,
  308: RedirectAction_RedirectResponseCode.PERMANENT_REDIRECT,
};

export const redirectEmitter: Emitter = {
  answer(rule, context) {
    const value = rule.features.get(redirect);
    return value && { redirect: { ...emitRedirect(value, context), ...emitRemoval(value, rule) } };
  },
};

function emitRedirect(value: Redirect, context: RouteContext): RedirectAction {
  const port = portOf(value, context);
  return {
    responseCode: CODES[value.code],
    ...(value.authority && { hostRedirect: value.authority }),
    ...(value.uri && !value.prefix && { pathRedirect: value.uri }),
    ...(value.prefix && { prefixRewrite: value.prefix }),
    ...(value.scheme && { schemeRedirect: value.scheme }),
    ...(port !== undefined && { portRedirect: port }),
  };
}

/** Without the whole segments that were matched, a path begins with one slash still: a plain replacement by `/` would leave two. */
function emitRemoval({ prefix, uri }: Redirect, { matches }: HttpRule): RedirectAction {
  const match = matches.length === 1 ? matches[0].uri : undefined;
  return prefix === '/' && !uri && match?.kind === 'path-prefix'
    ? { prefixRewrite: undefined, regexRewrite: { pattern: { regex: `^${quotePattern(match.value)}(/?)(.*)` }, substitution: '/\\2' } }
    : {};
}

/** The default port of a scheme is never spelled out in a location. */
function portOf(value: Redirect, context: RouteContext): number | undefined {
  const port = value.port === 'request' ? context.port : value.port;
  const scheme = value.scheme ?? (context.tls ? 'https' : 'http');
  return (port === 80 && scheme === 'http') || (port === 443 && scheme === 'https') ? undefined : port;
}
