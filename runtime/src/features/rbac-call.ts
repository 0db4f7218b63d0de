import type { Permission, ValueMatcher } from '../envoy';
import { any } from '../envoy';
import { emitRange } from './rbac-caller';
import { emitHeader, emitText } from './rbac-text';
import type { CallAttribute } from '../model/rbac-rule';

/** One of the values. */
export function emitCall(of: CallAttribute, name: readonly string[], values: readonly string[]): Permission {
  return of === 'envoy.filters' ? emitMetadata(name, values) : anyOf(values.map((value) => emitOne(of, value)));
}

function emitOne(of: Exclude<CallAttribute, 'envoy.filters'>, value: string): Permission {
  switch (of) {
    case 'destination.ip':
      return { destinationIp: emitRange(value) };
    case 'destination.port':
      return { destinationPort: Number(value) };
    case 'connection.sni':
      return { requestedServerName: emitText(value) };
    case 'host':
      return { header: emitHeader(':authority', value, { ignoreCase: true }) };
    case 'method':
      return { header: emitHeader(':method', value) };
    case 'path':
      return emitPath(value);
  }
}

/** Of paths, neither the query nor what stands behind a `#` counts. In templates, `{*}` is one segment and `{**}` any number. */
function emitPath(value: string): Permission {
  return value.includes('{')
    ? { uriTemplate: { name: 'uri-template', typedConfig: any('UriTemplateMatchConfig', { pathTemplate: value.replaceAll('{*}', '*').replaceAll('{**}', '**') }) } }
    : { urlPath: { path: emitText(value) } };
}

/** What another filter left behind: `[value]` is an item of a list. */
function emitMetadata([filter, key]: readonly string[], values: readonly string[]): Permission {
  const matchers = values.map((value): ValueMatcher => (/^\[.*\]$/s.test(value)
    ? { listMatch: { oneOf: { stringMatch: emitText(value.replace(/^[[\]]+|[[\]]+$/g, '')) } } }
    : { stringMatch: emitText(value) }));
  return { metadata: { filter, path: [{ key }], value: matchers.length === 1 ? matchers[0] : { orMatch: { valueMatchers: matchers } } } };
}

function anyOf(rules: readonly Permission[]): Permission {
  return rules.length === 1 ? rules[0] : { orRules: { rules } };
}
