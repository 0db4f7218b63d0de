import { isIP } from 'node:net';
import type { CallAttribute, CallerAttribute } from '../model/rbac-rule';

/** A sentence where a value cannot be what it should be, as Istio's validation has it (pkg/config/security/security.go). */
export type CheckValue = (value: string) => string | undefined;

const MOST_ACCOUNT_LETTERS = 320;
const TEMPLATE_OPERATORS: readonly string[] = ['{*}', '{**}'];
const LITERAL = /^[a-zA-Z0-9\-._~%!$&'()+,;:@=]+$/;

export function checkValue(of: CallerAttribute | CallAttribute, value: string): string | undefined {
  if (value === '') {
    return 'is empty: leave it out, or write * for any value';
  }
  return CHECKS[of]?.(value);
}

/** A sentence where a value is one that nobody has. */
export function doubtOf(of: CallerAttribute | CallAttribute, value: string): string | undefined {
  if (of === 'source.principal' && value.startsWith('spiffe://')) {
    return `'${value}' is nobody: principals are written without spiffe://, such as ${value.slice('spiffe://'.length)}`;
  }
  if (of === 'source.principal' && !value.includes('*') && !/^[^/]+\/ns\/[^/]+\/sa\/[^/]+$/.test(value)) {
    return `'${value}' is nobody: principals are of the form cluster.local/ns/namespace/sa/account`;
  }
  return of === 'method' && /[a-z]/.test(value) ? `'${value}' is a method that no request has: they are written in capitals` : undefined;
}

const CHECKS: Readonly<Partial<Record<CallerAttribute | CallAttribute, CheckValue>>> = {
  'source.ip': checkRange,
  'remote.ip': checkRange,
  'destination.ip': checkRange,
  'destination.port': (value) => (/^\d{1,9}$/.test(value) && Number(value) <= 65_535 ? undefined : `'${value}' is not the number of a port, such as 8080`),
  'source.serviceAccount': checkAccount,
  'source.trustDomain': checkTrustDomain,
  path: checkPath,
};

function checkRange(value: string): string | undefined {
  const [address, bits, ...rest] = value.split('/');
  const version = address.includes('%') ? 0 : isIP(address);
  const fits = bits === undefined || (/^(0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
  return version !== 0 && fits && rest.length === 0 ? undefined : `'${value}' is neither an IP address nor a range, such as 10.1.0.0/16`;
}

function checkAccount(value: string): string | undefined {
  const parts = value.split('/');
  const fits = parts.length <= 2 && parts.every((part) => part !== '') && !value.includes('*') && value.length <= MOST_ACCOUNT_LETTERS;
  return fits ? undefined : `'${value}' is not of the form account or namespace/account (without *, at most ${MOST_ACCOUNT_LETTERS} letters)`;
}

function checkTrustDomain(value: string): string | undefined {
  if (value.includes('/')) {
    return `'${value}' is not the name of a trust domain: it has no /`;
  }
  return /^(\*|\*?[^*]*|[^*]*\*)$/.test(value) ? undefined : `'${value}' may have one * only, at its beginning or end`;
}

/**
 * Templates are Envoy's, whose parser refuses whole listeners
 * (https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/path/match/uri_template/v3/uri_template_match.proto).
 */
function checkPath(value: string): string | undefined {
  if (!/[{}]/.test(value)) {
    return undefined;
  }
  const segments = value.replace(/\/$/, '').split('/').slice(1);
  const end = segments.indexOf('{**}');
  const wrong = segments.find((one) => !TEMPLATE_OPERATORS.includes(one) && !LITERAL.test(one));
  if (!value.startsWith('/')) {
    return `'${value}' must begin with /`;
  }
  if (wrong !== undefined) {
    return `'${value}' has '${wrong}' between its slashes: {*} stands for one segment and {**} for several, each alone between slashes`;
  }
  const more = end >= 0 && segments.slice(end + 1).some((one) => TEMPLATE_OPERATORS.includes(one));
  return more ? `'${value}' goes on after {**}: it must be the last of its kind` : undefined;
}
