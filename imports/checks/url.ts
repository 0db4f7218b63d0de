import { isIPv6 } from 'node:net';

/**
 * The scheme of an absolute URL or path, as Go's net/url.ParseRequestURI decides that a text is one; undefined where it is not.
 * Kubernetes' CEL functions `isURL` and `url` are defined by it.
 */
export function urlScheme(text: string): string | undefined {
  if (text === '' || /[\x00-\x1f\x7f]/.test(text)) {
    return undefined;
  }
  if (text === '*') {
    return '';
  }
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1] ?? '';
  if (scheme === '' && text.startsWith(':')) {
    return undefined;
  }
  const rest = text.slice(scheme === '' ? 0 : scheme.length + 1);
  return isHierarchical(rest, scheme) ? scheme.toLowerCase() : undefined;
}

function isHierarchical(rest: string, scheme: string): boolean {
  const [path, ...query] = rest.split('?');
  if (!isEscaped(query.join('?').split('#').slice(1).join('#'))) {
    return false;
  }
  if (!path.startsWith('/')) {
    // `mailto:somebody` is opaque; without a scheme it is no request URI.
    return scheme !== '';
  }
  if (scheme === '' || !path.startsWith('//')) {
    return isEscaped(path);
  }
  const slash = path.indexOf('/', 2);
  const authority = slash < 0 ? path.slice(2) : path.slice(2, slash);
  return isAuthority(authority, scheme.toLowerCase()) && (slash < 0 || isEscaped(path.slice(slash)));
}

function isAuthority(authority: string, scheme: string): boolean {
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? '' : authority.slice(0, at);
  return /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user) && isEscaped(user) && isHost(authority.slice(at + 1), scheme);
}

function isHost(host: string, scheme: string): boolean {
  const bracket = host.lastIndexOf('[');
  if (bracket >= 0) {
    const end = host.lastIndexOf(']');
    return bracket === 0 && end > 0 && isPort(host.slice(end + 1)) && isIpLiteral(host.slice(1, end));
  }
  // Several colons (`mongodb://a:1,b:2`) are refused for HTTP only.
  const colon = scheme === 'http' || scheme === 'https' ? host.indexOf(':') : host.lastIndexOf(':');
  return (colon < 0 || isPort(host.slice(colon))) && isHostName(host);
}

function isPort(text: string): boolean {
  return /^(:[0-9]*)?$/.test(text);
}

function isIpLiteral(text: string): boolean {
  const [, address, zone] = /^(.*?)(%25.*)?$/s.exec(text)!;
  return isIPv6(address) && !address.includes('%') && (zone === undefined || (zone.length > 3 && isHostName(zone.slice(3))));
}

/** What stands unescaped in a host by RFC 3986, the quotes and angles that Go permits as well, and escapes of bytes outside ASCII. */
function isHostName(name: string): boolean {
  return /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:\]<>"\u0080-\uffff]|%25|%[89A-Fa-f][0-9A-Fa-f])*$/.test(name);
}

function isEscaped(text: string): boolean {
  return !/%(?![0-9A-Fa-f]{2})/.test(text);
}
