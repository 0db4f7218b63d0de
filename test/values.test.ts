import { Cookie, Header, MeshError, Path, Port, Query } from '../src';

describe('conditions', () => {
  test.each([
    ['a path without a slash', () => Path.prefix('cart'), 'invalid-value', 'path "cart" does not begin with "/"'],
    ['a path with a query', () => Path.exact('/cart?a=b'), 'invalid-value', 'has a query or a fragment'],
    ['a lookahead', () => Path.regex('/(?=a)'), 'invalid-regex', '"/(?=a)" is not an RE2 regular expression'],
    ['a backreference', () => Header.regex('a', '(x)\\1'), 'invalid-regex', 'is not an RE2 regular expression'],
    ['a lookbehind', () => Cookie.regex('a', '(?<!x)y'), 'invalid-regex', 'is not an RE2 regular expression'],
    ['an open group', () => Query.regex('a', '('), 'invalid-regex', 'is not an RE2 regular expression'],
    ['a header name with a space', () => Header.exact('end user', 'a'), 'invalid-value', '"end user" is no header name'],
    ['a header that Istio ignores', () => Header.exact('Authority', 'a'), 'invalid-value', 'Istio ignores a condition on the header "authority"'],
    ['a cookie name with a sign', () => Cookie.present('a=b'), 'invalid-value', '"a=b" is no cookie name'],
    ['a parameter without a name', () => Query.present(''), 'invalid-value', 'a query parameter has an empty name'],
  ])('fail when they have %s, naming the line', (_what, make, code, message) => {
    expect(make).toThrow(MeshError);
    expect(make).toThrow(expect.objectContaining({ code, location: expect.stringMatching(/^values\.test\.ts:\d+$/), message: expect.stringContaining(message) }));
  });

  test('accept what RE2 accepts', () => {
    expect(() => [Path.regex('/api/v[0-9]+/.*'), Header.regex('cookie', '^(.*?;)?(user=jason)(;.*)?$'), Query.regex('a', '(?i)x|y')]).not.toThrow();
  });
});

test('ports listen where they are told', () => {
  expect([Port.http(80).targetPort, Port.http(80, { targetPort: 8080 }).targetPort]).toEqual([80, 8080]);
});
