import type { CidrRange, MetadataMatcher, Principal, StringMatcher, ValueMatcher } from '../envoy';
import { uint32 } from '../envoy';
import type { MeshSettings } from '../model/mesh';
import { quotePattern } from './pattern';
import { emitHeader, emitText, emitValues } from './rbac-text';
import type { CallerAttribute } from '../model/rbac-rule';
import { principalsOf, trustDomainsOf } from './trust-domain';

const SPIFFE = 'spiffe://';
const JWT_FILTER = 'envoy.filters.http.jwt_authn';
/** Where the filter that checks tokens leaves what is in them. */
const PAYLOAD = 'payload';
const BITS = { ipv4: 32, ipv6: 128 } as const;

/** One of the values; the regular expressions are Istio's (pilot/pkg/security/authz/model/generator.go). */
export function emitCaller(of: CallerAttribute, name: readonly string[], values: readonly string[], settings: MeshSettings): Principal {
  switch (of) {
    case 'source.ip':
      return anyOf(values.map((value) => ({ directRemoteIp: emitRange(value) })));
    case 'remote.ip':
      return anyOf(values.map((value) => ({ remoteIp: emitRange(value) })));
    case 'source.namespace':
      return anyOf(values.map((value) => identity({ safeRegex: { regex: `.*/ns/${value.split('*').map(quotePattern).join('.*')}/.*` } })));
    case 'source.serviceAccount':
      return anyOf(values.map((value) => identity({ safeRegex: { regex: accountPattern(value) } })));
    case 'source.trustDomain':
      return anyOf([...new Set(values.flatMap((value) => trustDomainsOf(value, settings)))].map((value) => identity(trustDomain(value))));
    case 'source.principal':
      return anyOf(values.flatMap((value) => principalsOf(value, settings)).map((value) => identity(emitText(value, SPIFFE))));
    case 'request.headers':
      return anyOf(values.map((value) => ({ header: emitHeader(name[0], value) })));
    case 'request.auth.principal':
      return anyOf(values.map(requestPrincipal));
    case 'request.auth.audiences':
      return { metadata: claim(['aud'], emitValues(values)) };
    case 'request.auth.presenter':
      return { metadata: claim(['azp'], emitValues(values)) };
    case 'request.auth.claims':
      return { metadata: claim(name, emitValues(values)) };
  }
}

/** `address` or `address/bits` */
export function emitRange(text: string): CidrRange {
  const [addressPrefix, bits] = text.split('/');
  return { addressPrefix, prefixLen: uint32(bits === undefined ? BITS[addressPrefix.includes(':') ? 'ipv6' : 'ipv4'] : Number(bits)) };
}

function anyOf(ids: readonly Principal[]): Principal {
  return ids.length === 1 ? ids[0] : { orIds: { ids } };
}

/** Of the certificate of whoever opened the connection. */
function identity(principalName: StringMatcher): Principal {
  return { authenticated: { principalName } };
}

function accountPattern(value: string): string {
  const [namespace, account] = value.split('/').map(quotePattern);
  return `${SPIFFE}.+/ns/${namespace}/(.+/|)sa/${account}(/.+)?`;
}

function trustDomain(value: string): StringMatcher {
  if (value === '*') {
    return { prefix: SPIFFE };
  }
  return value.includes('*')
    ? { safeRegex: { regex: `${SPIFFE}${value.split('*').map(quotePattern).join('[^/]*')}/.*` } }
    : { prefix: `${SPIFFE}${value}/` };
}

/** A claim, or one item of a claim that is a list. */
function claim(path: readonly string[], value: ValueMatcher): MetadataMatcher {
  return found(path, { orMatch: { valueMatchers: [{ listMatch: { oneOf: value } }, value] } });
}

function found(path: readonly string[], value: ValueMatcher): MetadataMatcher {
  return { filter: JWT_FILTER, path: [PAYLOAD, ...path].map((key) => ({ key })), value };
}

/** `issuer/subject`; issuers may be URLs, so the last `/` counts. */
function requestPrincipal(value: string): Principal {
  const slash = value.lastIndexOf('/');
  const [issuer, subject] = partsOf(value, slash);
  const metadata = [found(['iss'], { stringMatch: issuer }), found(['sub'], { stringMatch: subject })];
  return { andIds: { ids: metadata.map((one) => ({ metadata: one })) } };
}

const ANY_TEXT: StringMatcher = { safeRegex: { regex: '.+' } };

/** Without a `/` it is the issuer that is meant, unless a `*` before it says that something is left out there. */
function partsOf(value: string, slash: number): readonly [issuer: StringMatcher, subject: StringMatcher] {
  const [issuer, subject] = slash < 0 ? [value, ''] : [value.slice(0, slash), value.slice(slash + 1)];
  if (value === '*') {
    return [ANY_TEXT, ANY_TEXT];
  }
  if (value.startsWith('*')) {
    return slash < 0 ? [ANY_TEXT, emitText(value)] : [emitText(issuer), { exact: subject }];
  }
  if (value.endsWith('*')) {
    return slash < 0 ? [emitText(issuer), ANY_TEXT] : [{ exact: issuer }, emitText(subject)];
  }
  return [{ exact: issuer }, { exact: subject }];
}
