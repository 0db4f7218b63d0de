import type { Emitter } from '../emitter';
import { rewrite } from './model';

export const rewriteEmitter: Emitter = {
  action(rule, { forwardedHost }) {
    const value = rule.features.get(rewrite);
    if (!value) {
      return {};
    }
    return {
      ...(value.uri && { prefixRewrite: value.uri }),
      ...(value.uriRegex && { regexRewrite: { pattern: { regex: value.uriRegex.match }, substitution: value.uriRegex.rewrite } }),
      ...(value.authority && { hostRewriteLiteral: value.authority }),
      // Also where it is `headers` that replace the host.
      ...(forwardedHost && { appendXForwardedHost: true }),
    };
  },
};
