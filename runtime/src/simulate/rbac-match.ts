import type { HeaderMatcher, Permission, Principal, UriTemplateMatchConfig } from '../envoy';
import { unpack } from './unpack';
import { matchesRange } from './address-match';
import { matchesMetadata } from './metadata-match';
import { modelled, NotModelled } from './modelled';
import { matchesTemplate } from './path-template';
import { matchesHeader } from './route-match';
import { matchesText } from './text-match';
import { headersOf, pathOf } from './visitor';
import type { Visitor } from './visitor';

/** Whether what is asked for is what a permission is about; https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/rbac/v3/rbac.proto */
export function permits(permission: Permission, visitor: Visitor): boolean {
  const { andRules, orRules, notRule, any, header, urlPath, destinationIp, destinationPort, metadata, requestedServerName, uriTemplate } = modelled(
    permission, 'Permission', {
      decides: [
        'andRules', 'orRules', 'notRule', 'any', 'header', 'urlPath', 'destinationIp', 'destinationPort', 'metadata', 'requestedServerName', 'uriTemplate',
      ],
    },
  );
  const { connection: { destination, sni = '' }, request } = visitor;
  const path = urlPath?.path;
  return firstOf('Permission', [
    andRules && (() => (andRules.rules ?? []).every((one) => permits(one, visitor))),
    orRules && (() => (orRules.rules ?? []).some((one) => permits(one, visitor))),
    notRule && (() => !permits(notRule, visitor)),
    any !== undefined && (() => any),
    header && (() => hasHeader(header, visitor)),
    path && (() => request !== undefined && matchesText(path, pathOf(visitor))),
    destinationIp && (() => matchesRange(destinationIp, destination.address)),
    destinationPort !== undefined && (() => destinationPort === destination.port),
    metadata && (() => matchesMetadata(metadata, visitor.metadata)),
    requestedServerName && (() => matchesText(requestedServerName, sni)),
    uriTemplate?.typedConfig && (() => request !== undefined && matchesTemplate(templateOf(uriTemplate), pathOf(visitor))),
  ]);
}

/** Whether whoever asks is one that a principal is about. */
export function identifies(principal: Principal, visitor: Visitor): boolean {
  const { andIds, orIds, notId, any, authenticated, directRemoteIp, remoteIp, header, urlPath, metadata } = modelled(principal, 'Principal', {
    decides: ['andIds', 'orIds', 'notId', 'any', 'authenticated', 'directRemoteIp', 'remoteIp', 'header', 'urlPath', 'metadata'],
  });
  // Read when a rule asks for it: not everybody knows everything about a visitor.
  const { connection, request } = visitor;
  const path = urlPath?.path;
  return firstOf('Principal', [
    andIds && (() => (andIds.ids ?? []).every((one) => identifies(one, visitor))),
    orIds && (() => (orIds.ids ?? []).some((one) => identifies(one, visitor))),
    notId && (() => !identifies(notId, visitor)),
    any !== undefined && (() => any),
    authenticated && (() => isAuthenticated(authenticated, visitor)),
    directRemoteIp && (() => matchesRange(directRemoteIp, connection.source)),
    remoteIp && (() => matchesRange(remoteIp, connection.client ?? connection.source)),
    header && (() => hasHeader(header, visitor)),
    path && (() => request !== undefined && matchesText(path, pathOf(visitor))),
    metadata && (() => matchesMetadata(metadata, visitor.metadata)),
  ]);
}

/** Each value of a header counts for itself, unlike where requests are routed (runtime guard rbac_match_headers_individually). */
function hasHeader(matcher: HeaderMatcher, visitor: Visitor): boolean {
  const values = headersOf(visitor, matcher.name ?? '');
  return values.length === 0 ? matchesHeader(matcher, { header: () => undefined }) : values.some((value) => matchesHeader(matcher, { header: () => value }));
}

/** Of a certificate Envoy takes its URIs, where it has none its DNS names, and where it has neither its subject. */
function isAuthenticated({ principalName }: NonNullable<Principal['authenticated']>, { connection: { identity } }: Visitor): boolean {
  if (!identity || !principalName) {
    return identity !== undefined;
  }
  const { uris = [], names = [], subject = '' } = identity;
  const known = uris.length > 0 ? uris : names.length > 0 ? names : [subject];
  return known.some((name) => matchesText(principalName, name));
}

function templateOf({ typedConfig }: NonNullable<Permission['uriTemplate']>): string {
  const { pathTemplate } = (typedConfig && unpack(typedConfig) as UriTemplateMatchConfig | undefined) ?? {};
  if (pathTemplate === undefined) {
    throw new NotModelled(`path matcher ${typedConfig?.typeUrl}`);
  }
  return pathTemplate;
}

function firstOf(what: string, tests: readonly ((() => boolean) | false | '' | undefined)[]): boolean {
  const test = tests.find((one) => typeof one === 'function');
  if (!test) {
    throw new NotModelled(what, 'it says nothing');
  }
  return (test as () => boolean)();
}
